package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.Edition;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is not generated, and what protoc's user reads then. */
class RefusalTest {
    private static final String M = "message M {} ";

    @TempDir
    private Path scratch;

    @Test
    void rpcsOfOneJavaNameAreBothNamed() throws Exception {
        assertThat(error(
                        "package p; " + M + "service S { rpc SayHello(M) returns (M); rpc say_hello(M) returns (M); }"))
                .isEqualTo("rpcs SayHello and say_hello of service p.S would share the Java method sayHello;"
                        + " rename one of them");
        assertThat(error("package p; " + M + "service S { rpc Wait(M) returns (M); rpc wait_(M) returns (M); }"))
                .contains("rpcs Wait and wait_", "method wait_");
    }

    @Test
    void rpcsOfOneConstantAreBothNamed() throws Exception {
        assertThat(error("package p; " + M + "service S { rpc GetURL(M) returns (M); rpc GetUrl(M) returns (M); }"))
                .isEqualTo("rpcs GetURL and GetUrl of service p.S would share the Java constant GET_URL;"
                        + " rename one of them");
    }

    @Test
    void serviceNamedLikeAJavaPackageIsRefused() throws Exception {
        String service = "option java_package = \"com.x\"; import \"b.proto\"; package p;"
                + " service types { rpc Say(q.M) returns (q.M); }";
        String inside =
                "package q; option java_multiple_files = true; option java_package = \"com.x.types.deep\"; " + M;
        assertThat(error(Map.of("a.proto", service, "b.proto", inside)))
                .isEqualTo(
                        "service p.types in a.proto would be the Java class com.x.types, which is also the name of a Java"
                                + " package; rename it, or set java_package, or the option suffix=");
    }

    @Test
    void serviceNamedLikeOtherClassesIsRefused() throws Exception {
        String service = "option java_package = \"j\"; option java_multiple_files = true; import \"b.proto\";"
                + " package p; service Greeter { rpc Say(q.M) returns (q.M); }";
        String options = "package q; option java_package = \"j\"; option java_multiple_files = true; " + M;

        assertThat(error(Map.of("a.proto", service, "b.proto", options + "message Greeter {}")))
                .isEqualTo("service p.Greeter in a.proto and message q.Greeter would both be the Java class j.Greeter;"
                        + " rename one, or set java_package or java_outer_classname, or the option suffix=");
        assertThat(error(Map.of("a.proto", service, "b.proto", options + "enum Greeter { ZERO = 0; }")))
                .startsWith("service p.Greeter in a.proto and enum q.Greeter would both be the Java class j.Greeter;");
        assertThat(error(Map.of("a.proto", service, "b.proto", options + "option java_outer_classname = \"Greeter\";")))
                .startsWith("service p.Greeter in a.proto and the outer class of b.proto would both be");
        assertThat(error(Map.of("a.proto", service, "b.proto", options + "service Greeter {}")))
                .startsWith("service p.Greeter in a.proto and service q.Greeter would both be");
        assertThat(error(Map.of("a.proto", service, "b.proto", options + "message GreeterStub {}")))
                .startsWith("the stub of service p.Greeter in a.proto and message q.GreeterStub would both be");
        assertThat(error("package p; option java_multiple_files = true; " + M + "service MOrBuilder {}"))
                .startsWith("service p.MOrBuilder in a.proto and the accessors of message p.M would both be");
        assertThat(error("package p; service Greeter {} service GreeterStub {}"))
                .contains("service p.GreeterStub", "the stub of service p.Greeter", "p.GreeterStub");
        assertThat(error("package p; option java_multiple_files = true; message APosixSocket {} service S {}"))
                .startsWith("what the services of a.proto share in a.proto and message p.APosixSocket would both be");
        assertThat(error("package p; option java_generic_services = true; option java_multiple_files = true;"
                        + " service Greeter {}"))
                .contains("service p.Greeter", "java_generic_services");
    }

    @Test
    void classesInsideAnOuterClassDoNotClash() throws Exception {
        assertThat(error(Map.of(
                        "a.proto",
                        "import \"b.proto\"; package p; option java_package = \"j\";"
                                + " service Greeter { rpc Say(q.Greeter) returns (q.Greeter); }",
                        "b.proto",
                        "package q; option java_package = \"j\"; message Greeter {}")))
                .isEmpty();
    }

    @Test
    void classThatHidesNeededPackageIsRefused() throws Exception {
        String files = "option java_multiple_files = true; ";
        assertThat(error("package p; " + files + M + "message io {} service S { rpc R(M) returns (M); }"))
                .isEqualTo("message p.io would be the Java class p.io, which hides the package \"io\" that the code of"
                        + " service p.S in a.proto has to name; rename it, or set another java_package");
        assertThat(error("package echo; " + files + M + "service echo { rpc R(M) returns (M); }"))
                .startsWith("service echo.echo would be the Java class echo.echo, which hides the package \"echo\"");
    }

    @Test
    void constantThatHidesNeededPackageOrClassIsRefused() throws Exception {
        assertThat(error("package SAY; " + M + "service S { rpc Say(M) returns (M); }"))
                .isEqualTo("in service SAY.S the constant SAY of rpc Say would hide the beginning of SAY.A.M, the class"
                        + " of message SAY.M; set option java_package in its file");
        assertThat(error("option java_multiple_files = true; message SERVICE_NAME {}"
                        + " service S { rpc Say(SERVICE_NAME) returns (SERVICE_NAME); }"))
                .startsWith("in service S the constant SERVICE_NAME would hide the beginning of SERVICE_NAME,");
    }

    @Test
    void messageOfUnnamedPackageCannotBeNamedFromNamedOne() throws Exception {
        assertThat(error(Map.of(
                        "a.proto", "import \"b.proto\"; package p; service S { rpc R(M) returns (M); }", "b.proto", M)))
                .isEqualTo(
                        "service p.S, generated into the Java package p, cannot name message M, whose class is in the"
                                + " unnamed package; set option java_package in its file");
    }

    @Test
    void packageThatJavaDoesNotAllowIsRefused() throws Exception {
        for (String name : List.of("../../etc", "a..b", "a.class", "a b", "/a", "a;b")) {
            assertThat(error("package p; option java_package = \"" + name + "\"; service S {}"))
                    .isEqualTo("service p.S would be generated into the Java package \"" + name
                            + "\", a name that Java does not allow; set option java_package in a.proto");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                strikt=true,x           | unknown option "strikt"
                ,strict=true,Strict=true| unknown option "Strict"
                strict                  | option "strict" is neither true nor false
                javadoc=no              | option "javadoc" is neither true nor false
                nullness=jsr305         | option "nullness" knows only jspecify
                suffix=a-b              | suffix "a-b" cannot be part of a Java name
                strict=true,strict=false| option "strict" is given twice
                """)
    void wrongOptionIsNamedWithThoseKnown(String parameter, String reason) throws Exception {
        CodeGeneratorRequest request = request(Map.of("a.proto", "package p; service S {}"));

        assertThat(refusal(request.toBuilder().setParameter(parameter).build()))
                .isEqualTo(reason + " in \"" + parameter
                        + "\"; known options: suffix=NAME, strict=true, javadoc=false, nullness=jspecify");
    }

    @Test
    void suffixPartsServiceFromClassOfItsName() throws Exception {
        CodeGeneratorRequest request = request(
                Map.of("a.proto", "package p; option java_multiple_files = true; message SStub {} service S {}"));

        assertThat(refusal(request)).endsWith("or the option suffix=");
        assertThat(Generator.respond(
                                request.toBuilder().setParameter("suffix=Api").build())
                        .getFileList())
                .extracting(file -> file.getName())
                .containsExactly("p/APosixSocket.java", "p/SApi.java", "p/SApiStub.java");
    }

    @Test
    void packageMayHaveUnicodeName() throws Exception {
        CodeGeneratorResponse response = Generator.respond(
                request(Map.of("a.proto", "package p; option java_package = \"größe.日本\"; service S {}")));

        assertThat(response.getFile(1).getName()).isEqualTo("größe/日本/S.java");
        assertThat(response.getFile(1).getContent()).contains("package größe.日本;");
    }

    @Test
    void incompleteRequestIsRefused() throws Exception {
        CodeGeneratorRequest whole = request(Map.of(
                "a.proto",
                "import \"b.proto\"; package p; service S { rpc R(M) returns (M); }",
                "b.proto",
                "package p; " + M));

        assertThat(refusal(whole.toBuilder().removeProtoFile(0).build()))
                .isEqualTo("a.proto imports b.proto, which the request does not contain before it");
        assertThat(refusal(whole.toBuilder().removeProtoFile(1).build()))
                .isEqualTo("a.proto is to be generated but is not among the files of the request");
        FileDescriptorProto broken =
                whole.getProtoFile(1).toBuilder().clearDependency().build();
        assertThat(refusal(whole.toBuilder().setProtoFile(1, broken).build()))
                .isEqualTo("a.proto is not valid: p.S.R: \".p.M\" is not defined.");
    }

    @Test
    void defectIsToldWithoutStackTrace() {
        FileDescriptorProto file = FileDescriptorProto.newBuilder()
                .setName("a.proto")
                .setSyntax("editions")
                .setEdition(Edition.EDITION_99999_TEST_ONLY)
                .build();
        CodeGeneratorRequest request = CodeGeneratorRequest.newBuilder()
                .addProtoFile(file)
                .addFileToGenerate("a.proto")
                .build();

        assertThat(refusal(request))
                .startsWith("internal error, please report it: ")
                .doesNotContain("\n", "\tat ");
    }

    @Test
    void fileWithoutServicesYieldsNothing() throws Exception {
        CodeGeneratorResponse response = Generator.respond(request(Map.of("a.proto", "package p; " + M)));

        assertThat(response.hasError()).isFalse();
        assertThat(response.getFileList()).isEmpty();
        assertThat(response.getSupportedFeatures())
                .isEqualTo(CodeGeneratorResponse.Feature.FEATURE_PROTO3_OPTIONAL_VALUE
                        | CodeGeneratorResponse.Feature.FEATURE_SUPPORTS_EDITIONS_VALUE);
        assertThat(response.getMinimumEdition()).isEqualTo(Edition.EDITION_PROTO2_VALUE);
        assertThat(response.getMaximumEdition()).isEqualTo(Edition.EDITION_2024_VALUE);
    }

    private String error(String proto) throws Exception {
        return error(Map.of("a.proto", proto));
    }

    /** Returns the error, empty if there is none, when {@code a.proto} is generated. */
    private String error(Map<String, String> protos) throws Exception {
        return Generator.respond(request(protos)).getError();
    }

    private static String refusal(CodeGeneratorRequest request) {
        CodeGeneratorResponse response = Generator.respond(request);
        assertThat(response.getFileList()).isEmpty();
        return response.getError();
    }

    private CodeGeneratorRequest request(Map<String, String> protos) throws Exception {
        Map<String, String> files = new TreeMap<>(protos);
        files.replaceAll((path, text) -> "syntax = \"proto3\"; " + text);
        Path root = scratch.resolve("proto");
        Project.write(root, files);
        return new Protoc(scratch, root).request(List.of("a.proto"));
    }
}

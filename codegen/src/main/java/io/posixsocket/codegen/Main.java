package io.posixsocket.codegen;

import com.google.protobuf.compiler.PluginProtos.CodeGeneratorRequest;
import com.google.protobuf.compiler.PluginProtos.CodeGeneratorResponse;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The protoc plugin {@code protoc-gen-posixsocket}: for each service of a .proto file it writes a Java interface, which
 * is the service for callers and implementers alike, and a stub that sends the calls through a channel.
 *
 * <p>protoc starts it and talks to it over standard input and output; it is of no use on its own.
 */
public final class Main {
    private Main() {}

    /**
     * Reads one {@code CodeGeneratorRequest} from standard input and writes one {@code CodeGeneratorResponse} to
     * standard output. Whatever is wrong with the request is told in the response, as protoc wants it; the exit status
     * is 1 only when the response cannot be written.
     *
     * @param args ignored; parameters come with the request
     */
    public static void main(String[] args) {
        // Not System.out, which swallows failures: protoc would see a cut answer and an exit status of 0.
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            run(System.in, out);
        } catch (IOException e) {
            System.err.println("protoc-gen-posixsocket: the response cannot be written: " + e.getMessage());
            System.exit(1);
        }
    }

    static void run(InputStream in, OutputStream out) throws IOException {
        respondTo(in).writeTo(out);
    }

    private static CodeGeneratorResponse respondTo(InputStream in) {
        CodeGeneratorRequest request;
        try {
            request = CodeGeneratorRequest.parseFrom(in);
        } catch (IOException e) {
            return Generator.refuse(
                    "standard input is not a CodeGeneratorRequest, which is what protoc sends: " + e.getMessage());
        }
        return Generator.respond(request);
    }
}

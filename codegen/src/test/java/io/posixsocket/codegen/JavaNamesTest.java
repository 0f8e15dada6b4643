package io.posixsocket.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JavaNamesTest {
    @ParameterizedTest
    @CsvSource({
        "SayHello,     sayHello,    SAY_HELLO",
        "sayHello,     sayHello,    SAY_HELLO",
        "say_hello,    sayHello,    SAY_HELLO",
        "SAY_HELLO,    sAYHELLO,    SAY_HELLO",
        "URL,          uRL,         URL",
        "GetURLFor,    getURLFor,   GET_URL_FOR",
        "Md5Sum,       md5Sum,      MD5_SUM",
        "List2D,       list2D,      LIST2D",
        "Return,       return_,     RETURN",
        "True,         true_,       TRUE",
        "GetClass,     getClass_,   GET_CLASS",
        "Stub,         stub_,       STUB",
        "FileDescriptor, fileDescriptor_, FILE_DESCRIPTOR",
        "ServiceName,  serviceName, SERVICE_NAME_",
        "_,            __,          __",
        "_1,           _1,          _1",
    })
    void membersAreNamedInTheMannerOfJava(String rpc, String method, String constant) {
        assertThat(JavaNames.method(rpc)).isEqualTo(method);
        assertThat(JavaNames.constant(rpc)).isEqualTo(constant);
    }

    @Test
    void namesDoNotDependOnTheLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr"));
            assertThat(JavaNames.method("Insert")).isEqualTo("insert");
            assertThat(JavaNames.constant("insert")).isEqualTo("INSERT");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void typeThatJavaForbidsGetsUnderscore() {
        assertThat(JavaNames.type("Greeter")).isEqualTo("Greeter");
        assertThat(JavaNames.type("enum")).isEqualTo("enum_");
        assertThat(JavaNames.type("record")).isEqualTo("record_");
    }
}

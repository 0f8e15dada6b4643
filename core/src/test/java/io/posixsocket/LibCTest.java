package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What jnr-ffi does not forgive in a native signature. */
class LibCTest {
    static Stream<Method> signatures() {
        return Stream.of(LibC.class.getDeclaredClasses())
                .filter(Class::isInterface)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()));
    }

    @ParameterizedTest
    @MethodSource("signatures")
    void theArgumentsArePrimitiveAndNotSix(Method method) {
        assertThat(method.getParameterTypes()).allMatch(Class::isPrimitive);
        assertThat(method.getParameterCount()).isNotEqualTo(6);
    }
}

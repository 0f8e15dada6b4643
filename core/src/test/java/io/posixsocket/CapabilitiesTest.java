package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class CapabilitiesTest {
    @Test
    @EnabledOnOs(OS.LINUX)
    void linuxHasThemAll() {
        assertThat(PosixSocket.capabilities())
                .containsKeys("accept4", "dup3", "epoll_wait", "memfd_create", "pipe2", "ppoll", "sendfile")
                .allSatisfy(
                        (function, support) -> assertThat(support).as(function).isEqualTo(Support.NATIVE));
    }

    @Test
    void theAnswerCannotBeChanged() {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> PosixSocket.capabilities().put("read", Support.ABSENT));
    }

    @Test
    void whatIsAbsentSaysSoByItsNameAndThePlatforms() {
        Map<String, Support> lacking = Map.of("eventfd", Support.ABSENT, "pipe2", Support.EMULATED);
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Capabilities.require(lacking, "eventfd"))
                .withMessage("eventfd: " + Platform.NAME + " does not have it");
        Capabilities.require(lacking, "pipe2");
    }
}

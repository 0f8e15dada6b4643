package io.posixsocket;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ErrnoExceptionTest {
    @Test
    void theMessageNamesFunctionSubjectErrorAndHint() {
        int number = Errno.EADDRINUSE.number();
        ErrnoException e = new ErrnoException("bind", "unix:/run/x.sock", number, "held by pid 4711");
        assertThat(e)
                .hasMessage("bind(unix:/run/x.sock): EADDRINUSE (Address already in use): held by pid 4711")
                .isInstanceOf(java.io.IOException.class);
        assertThat(e.function()).isEqualTo("bind");
        assertThat(e.errno()).isEqualTo(Errno.EADDRINUSE);
        assertThat(e.number()).isEqualTo(number);
    }

    @Test
    void aNumberWithoutANameIsShownAsItIs() {
        ErrnoException e = new ErrnoException("recv", "fd 7", 99_999);
        assertThat(e).hasMessage("recv(fd 7): errno 99999");
        assertThat(e.errno()).isEqualTo(Errno.UNKNOWN);
        assertThat(e.number()).isEqualTo(99_999);
    }

    @Test
    void everyNameIsFoundByItsNumberAndTheFirstOfTwoForOne() {
        for (Errno errno : Errno.values()) {
            if (errno.number() != SocketConstants.NOT_DEFINED)
                assertThat(Errno.of(errno.number()).number()).isEqualTo(errno.number());
        }
        assertThat(Errno.of(Errno.ENOTSUP.number())).isEqualTo(Errno.EOPNOTSUPP);
        assertThat(Errno.of(0)).isEqualTo(Errno.UNKNOWN);
        assertThat(Errno.of(SocketConstants.NOT_DEFINED)).isEqualTo(Errno.UNKNOWN);
    }
}

package io.posixsocket;

import static io.posixsocket.PosixFile.LOCK_EX;
import static io.posixsocket.PosixFile.LOCK_NB;
import static io.posixsocket.PosixFile.LOCK_UN;
import static io.posixsocket.PosixFile.O_CREAT;
import static io.posixsocket.PosixFile.O_NOFOLLOW;
import static io.posixsocket.PosixFile.O_RDWR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class PosixFileTest {
    @TempDir
    private Path dir;

    private final Fds fds = new Fds();

    @AfterEach
    void closeAll() throws ErrnoException {
        fds.close();
    }

    private String path(String name) {
        return dir.resolve(name).toString();
    }

    private static void assertFails(String message, ThrowingCallable call) {
        ErrnoException e = catchThrowableOfType(ErrnoException.class, call);
        assertThat(e).as(message).isNotNull().hasMessage(message);
    }

    @Test
    void aSocketWithItsModeSetBeforeBindIsNeverOpenToOthers() throws Exception {
        int fd = fds.stream();
        PosixFile.fchmod(fd, 0600);
        PosixSocket.bind(fd, SockaddrUn.path(dir.resolve("s")));
        FileStatus status = PosixFile.lstat(path("s"));
        assertThat(status.isSocket()).isTrue();
        assertThat(status.isDirectory()).isFalse();
        assertThat(status.permissions()).isEqualTo(0600);
        assertThat(status.uid()).isEqualTo(PosixSocket.geteuid());
    }

    @Test
    void openCreatesAFileWithTheModeAndOpensItAgain() throws Exception {
        int first = fds.keep(PosixFile.open(path("a.lock"), O_RDWR | O_CREAT, 0600));
        int second = fds.keep(PosixFile.open(path("a.lock"), O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
        FileStatus status = PosixFile.fstat(first);
        assertThat(status).isEqualTo(PosixFile.fstat(second));
        assertThat(status.permissions()).isEqualTo(0600);
        assertThat(status.isSocket()).isFalse();
        assertThat(status.inode()).isEqualTo(Files.getAttribute(dir.resolve("a.lock"), "unix:ino"));
        assertThat(status.device()).isEqualTo(Files.getAttribute(dir.resolve("a.lock"), "unix:dev"));
        assertThat(Descriptors.isCloseOnExec(first)).isTrue();
    }

    @Test
    void openSaysWhatItCannotOpen() throws Exception {
        assertFails(
                "open(" + path("none/x") + "): ENOENT (No such file or directory)",
                () -> PosixFile.open(path("none/x"), O_RDWR | O_CREAT, 0600));
        assertFails("open(" + dir + "): EISDIR (Is a directory)", () -> PosixFile.open(dir.toString(), O_RDWR, 0));
        Files.createSymbolicLink(dir.resolve("link"), dir.resolve("target"));
        assertFails(
                "open(" + path("link") + "): ELOOP (Too many levels of symbolic links)",
                () -> PosixFile.open(path("link"), O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
        assertThat(dir.resolve("target")).doesNotExist();
    }

    @Test
    void aPathIsNotCutAtANul() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixFile.open("/a\0b", O_RDWR, 0))
                .withMessage("path has a NUL at character 2: /a%00b");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PosixFile.lstat("/\0"))
                .withMessage("path has a NUL at character 1: /%00");
    }

    @Test
    void lstatTellsOfTheLinkAndNotOfItsTarget() throws Exception {
        Files.createFile(dir.resolve("file"));
        Files.createSymbolicLink(dir.resolve("link"), dir.resolve("file"));
        FileStatus file = PosixFile.lstat(path("file"));
        assertThat(PosixFile.lstat(path("link")).isSameFile(file)).isFalse();
        assertThat(PosixFile.lstat(path("file")).isSameFile(file)).isTrue();
        assertThat(PosixFile.lstat(dir.toString()).isDirectory()).isTrue();
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwx---r-x"));
        assertThat(PosixFile.lstat(dir.toString()).permissions()).isEqualTo(0705);
        assertThat(PosixFile.lstat("/tmp").permissions() & 01000).as("sticky").isEqualTo(01000);
        assertFails(
                "lstat(" + path("none") + "): ENOENT (No such file or directory)", () -> PosixFile.lstat(path("none")));
        assertFails("lstat(" + path("file/x") + "): ENOTDIR (Not a directory)", () -> PosixFile.lstat(path("file/x")));
    }

    @Test
    void oneOpeningAtATimeHoldsTheLock() throws Exception {
        int first = fds.keep(PosixFile.open(path("lock"), O_RDWR | O_CREAT, 0600));
        int second = fds.keep(PosixFile.open(path("lock"), O_RDWR | O_CREAT, 0600));
        PosixFile.flock(first, LOCK_EX | LOCK_NB);
        PosixFile.flock(first, LOCK_EX | LOCK_NB);
        assertFails(
                "flock(fd " + second + ", 6): EAGAIN (Resource temporarily unavailable)",
                () -> PosixFile.flock(second, LOCK_EX | LOCK_NB));
        PosixFile.flock(first, LOCK_UN);
        PosixFile.flock(second, LOCK_EX | LOCK_NB);
        fds.close(second);
        PosixFile.flock(first, LOCK_EX);
    }

    @Test
    void numbersThatAreNotOpenAreRefused() throws Exception {
        int fd = Fds.NEVER_OPEN;
        assertFails("fchmod(fd " + fd + ", 0600): EBADF (Bad file descriptor)", () -> PosixFile.fchmod(fd, 0600));
        assertFails("fstat(fd " + fd + "): EBADF (Bad file descriptor)", () -> PosixFile.fstat(fd));
        assertFails("flock(fd " + fd + ", 2): EBADF (Bad file descriptor)", () -> PosixFile.flock(fd, LOCK_EX));
    }
}

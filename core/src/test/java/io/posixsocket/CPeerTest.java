package io.posixsocket;

import static io.posixsocket.SocketConstants.AF_UNIX;
import static io.posixsocket.SocketConstants.SOCK_SEQPACKET;
import static io.posixsocket.SocketConstants.SOCK_STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Messages to and from a program in C. */
@ExtendWith(NoLeaks.class)
@EnabledOnOs(OS.LINUX)
class CPeerTest {
    /** Takes a descriptor, writes through it, and sends one end of a pair of its own with who it is, in three buffers. */
    private static final String PEER = """
            #define _GNU_SOURCE
            #include <stdio.h>
            #include <string.h>
            #include <unistd.h>
            #include <sys/socket.h>
            #include <sys/un.h>
            int main(void) {
                struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "s"};
                int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
                if (connect(fd, (struct sockaddr *) &un, sizeof un)) return 1;
                char data[16] = {0}, control[CMSG_SPACE(8)];
                struct iovec in[2] = {{data, 2}, {data + 8, 8}};
                struct msghdr msg = {.msg_iov = in, .msg_iovlen = 2, .msg_control = control,
                    .msg_controllen = sizeof control};
                int n = recvmsg(fd, &msg, 0);
                struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
                if (!c || c->cmsg_type != SCM_RIGHTS) return 2;
                printf("received=%d %d %s %d\\n", n, (int) (c->cmsg_len - CMSG_LEN(0)), data + 8, msg.msg_flags);
                int passed;
                memcpy(&passed, CMSG_DATA(c), sizeof passed);
                if (write(passed, "hi", 2) != 2) return 3;

                int pair[2];
                socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
                struct iovec out[3] = {{"ab", 2}, {"c", 1}, {"def", 3}};
                char both[CMSG_SPACE(4) + CMSG_SPACE(sizeof(struct ucred))] = {0};
                struct msghdr reply = {.msg_iov = out, .msg_iovlen = 3, .msg_control = both,
                    .msg_controllen = sizeof both};
                c = CMSG_FIRSTHDR(&reply);
                c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_RIGHTS; c->cmsg_len = CMSG_LEN(4);
                memcpy(CMSG_DATA(c), &pair[0], 4);
                c = CMSG_NXTHDR(&reply, c);
                struct ucred ucred = {.pid = getpid(), .uid = geteuid(), .gid = getegid()};
                c->cmsg_level = SOL_SOCKET; c->cmsg_type = SCM_CREDENTIALS; c->cmsg_len = CMSG_LEN(sizeof ucred);
                memcpy(CMSG_DATA(c), &ucred, sizeof ucred);
                if (write(pair[1], "yo", 2) != 2) return 4;
                if (sendmsg(fd, &reply, MSG_EOR) != 6) return 5;
                printf("pid=%d\\n", getpid());
                return 0;
            }
            """;

    @TempDir
    private Path dir;

    @Test
    void descriptorsCredentialsAndBuffersGoBothWays() throws Exception {
        assumeTrue(CProgram.hasCompiler(), "no gcc");
        try (OwnedFd listener = OwnedFd.adopt(PosixSocket.socket(AF_UNIX, SOCK_SEQPACKET, 0))) {
            listener.bind(SockaddrUn.path(dir.resolve("s")));
            listener.listen(1);
            listener.setsockopt(SockOpt.SO_PASSCRED, true); // an accepted socket inherits it
            Caller<Map<String, String>> peer = Caller.start(() -> CProgram.run(dir, PEER));
            try (OwnedFd connection = listener.accept()) {
                int[] numbers = PosixSocket.socketpair(AF_UNIX, SOCK_STREAM, 0);
                try (OwnedFd kept = OwnedFd.adopt(numbers[0]);
                        OwnedFd passed = OwnedFd.adopt(numbers[1])) {
                    Message out = new Message(ByteBuffer.wrap(Fds.array('x')), Fds.direct('y', 'z', '!', 0));
                    connection.sendmsg(out.control(new ControlMessage.ScmRights(passed)), 0);
                    assertThat(received(kept)).isEqualTo(ByteBuffer.wrap(Fds.array('h', 'i')));
                }
                ByteBuffer first = ByteBuffer.allocate(4);
                ByteBuffer second = ByteBuffer.allocateDirect(9);
                Message in = new Message(first, second)
                        .controlCapacity(ControlMessage.space(4) + ControlMessage.space(Ucred.SIZE));
                assertThat(connection.recvmsg(in, 0)).isEqualTo(6);
                assertThat(first.flip()).isEqualTo(ByteBuffer.wrap(Fds.array('a', 'b', 'c', 'd')));
                assertThat(second.flip()).isEqualTo(ByteBuffer.wrap(Fds.array('e', 'f')));
                assertThat(in.isControlTruncated()).isFalse();

                Map<String, String> printed = peer.result();
                assertThat(printed).containsEntry("received", "5 4 z! 0");
                PeerCredentials self = connection.peerCredentials();
                ControlMessage credentials = new ControlMessage.ScmCredentials(
                        new Ucred(Integer.parseInt(printed.get("pid")), self.uid(), self.gid()));
                assertThat(in.control()).hasSize(2).contains(credentials);
                try (OwnedFd arrived = in.takeFds().get(0)) {
                    assertThat(received(arrived)).isEqualTo(ByteBuffer.wrap(Fds.array('y', 'o')));
                }
            }
        }
    }

    private static ByteBuffer received(OwnedFd fd) throws Exception {
        ByteBuffer buf = ByteBuffer.allocate(2);
        fd.recv(buf, SocketConstants.MSG_WAITALL);
        return buf.flip();
    }
}

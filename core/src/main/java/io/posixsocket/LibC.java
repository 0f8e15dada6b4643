package io.posixsocket;

import java.io.IOException;
import java.lang.ref.Reference;
import jnr.ffi.LibraryLoader;
import jnr.ffi.annotations.Variadic;

/**
 * The only place with native signatures. Primitive arguments only: a converted one can be freed during the call.
 *
 * <p>Every method returns the function's result, or the negated errno when the function failed; there is no other path
 * to errno. Whatever owns the memory behind an address is passed along and fenced here, after the call: the JIT would
 * otherwise let it be collected while the kernel still writes to it.
 */
final class LibC {
    /** Bound when the class is loaded: what a call needs. */
    public interface Hot {
        long recv(int sockfd, long buf, long len, int flags);

        long send(int sockfd, long buf, long len, int flags);

        int poll(long fds, long nfds, int timeout);

        int ppoll(long fds, long nfds, long timeout, long sigmask);

        int epoll_wait(int epfd, long events, int maxevents, int timeout);

        int epoll_ctl(int epfd, int op, int fd, long event);

        int socket(int domain, int type, int protocol);

        int connect(int sockfd, long addr, int addrlen);

        int accept4(int sockfd, long addr, long addrlen, int flags);

        int shutdown(int sockfd, int how);

        int close(int fd);

        int getsockopt(int sockfd, int level, int optname, long optval, long optlen);

        int setsockopt(int sockfd, int level, int optname, long optval, int optlen);

        int geteuid();
    }

    /** Bound on first use: what happens once per socket or more rarely. */
    public interface Cold {
        int bind(int sockfd, long addr, int addrlen);

        int listen(int sockfd, int backlog);

        int accept(int sockfd, long addr, long addrlen);

        int getsockname(int sockfd, long addr, long addrlen);

        int getpeername(int sockfd, long addr, long addrlen);

        int socketpair(int domain, int type, int protocol, long sv);

        int epoll_create1(int flags);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int cmd, int arg);

        @Variadic(fixedCount = 2)
        int open(long pathname, int flags, int mode);
    }

    private static final Hot HOT;
    private static final jnr.ffi.Runtime RUNTIME;

    static {
        try {
            HOT = LibraryLoader.create(Hot.class).load("c");
            RUNTIME = jnr.ffi.Runtime.getRuntime(HOT);
        } catch (LinkageError e) {
            // jffi unpacks its library into java.io.tmpdir; mounted noexec, the loader's own message does not say so
            throw new ExceptionInInitializerError(new IOException(
                    "cannot load jffi's native library from " + System.getProperty("java.io.tmpdir")
                            + "; if that directory is mounted noexec, set -Djffi.extract.dir to one that is not",
                    e));
        }
    }

    private static final class Rest {
        static final Cold CALLS = LibraryLoader.create(Cold.class).load("c");
    }

    private LibC() {}

    private static int errno() {
        return RUNTIME.getLastError();
    }

    private static int result(int value) {
        return value >= 0 ? value : -errno();
    }

    static int recv(int sockfd, Object owner, long buf, int len, int flags) {
        try {
            long n = HOT.recv(sockfd, buf, len, flags);
            return n >= 0 ? (int) n : -errno();
        } finally {
            Reference.reachabilityFence(owner);
        }
    }

    static int send(int sockfd, Object owner, long buf, int len, int flags) {
        try {
            long n = HOT.send(sockfd, buf, len, flags);
            return n >= 0 ? (int) n : -errno();
        } finally {
            Reference.reachabilityFence(owner);
        }
    }

    static int poll(NativeBuffer fds, int nfds, int timeoutMillis) {
        try {
            return result(HOT.poll(fds.address(), nfds, timeoutMillis));
        } finally {
            Reference.reachabilityFence(fds);
        }
    }

    /** Linux only. {@code timespec} lies in {@code fds} at {@code timespecOffset}. */
    static int ppoll(NativeBuffer fds, int nfds, int timespecOffset) {
        try {
            return result(HOT.ppoll(fds.address(), nfds, fds.address() + timespecOffset, 0));
        } finally {
            Reference.reachabilityFence(fds);
        }
    }

    static int epollWait(int epfd, NativeBuffer events, int maxevents, int timeoutMillis) {
        try {
            return result(HOT.epoll_wait(epfd, events.address(), maxevents, timeoutMillis));
        } finally {
            Reference.reachabilityFence(events);
        }
    }

    static int epollCtl(int epfd, int op, int fd, NativeBuffer event) {
        try {
            return result(HOT.epoll_ctl(epfd, op, fd, event.address()));
        } finally {
            Reference.reachabilityFence(event);
        }
    }

    static int epollCreate1(int flags) {
        return result(Rest.CALLS.epoll_create1(flags));
    }

    static int socket(int domain, int type, int protocol) {
        return result(HOT.socket(domain, type, protocol));
    }

    static int socketpair(int domain, int type, int protocol, NativeBuffer sv) {
        try {
            return result(Rest.CALLS.socketpair(domain, type, protocol, sv.address()));
        } finally {
            Reference.reachabilityFence(sv);
        }
    }

    static int connect(int sockfd, NativeBuffer addr, int addrlen) {
        try {
            return result(HOT.connect(sockfd, addr.address(), addrlen));
        } finally {
            Reference.reachabilityFence(addr);
        }
    }

    static int bind(int sockfd, NativeBuffer addr, int addrlen) {
        try {
            return result(Rest.CALLS.bind(sockfd, addr.address(), addrlen));
        } finally {
            Reference.reachabilityFence(addr);
        }
    }

    static int listen(int sockfd, int backlog) {
        return result(Rest.CALLS.listen(sockfd, backlog));
    }

    static int accept(int sockfd) {
        return result(Rest.CALLS.accept(sockfd, 0, 0));
    }

    static int accept4(int sockfd, int flags) {
        return result(HOT.accept4(sockfd, 0, 0, flags));
    }

    /** The address goes to the start of {@code addr}, its length is read and written at {@code lenOffset}. */
    static int getsockname(int sockfd, NativeBuffer addr, int lenOffset) {
        try {
            return result(Rest.CALLS.getsockname(sockfd, addr.address(), addr.address() + lenOffset));
        } finally {
            Reference.reachabilityFence(addr);
        }
    }

    /** As {@link #getsockname}. */
    static int getpeername(int sockfd, NativeBuffer addr, int lenOffset) {
        try {
            return result(Rest.CALLS.getpeername(sockfd, addr.address(), addr.address() + lenOffset));
        } finally {
            Reference.reachabilityFence(addr);
        }
    }

    /** The value goes to the start of {@code optval}, its length is read and written at {@code lenOffset}. */
    static int getsockopt(int sockfd, int level, int optname, NativeBuffer optval, int lenOffset) {
        try {
            return result(HOT.getsockopt(sockfd, level, optname, optval.address(), optval.address() + lenOffset));
        } finally {
            Reference.reachabilityFence(optval);
        }
    }

    static int setsockopt(int sockfd, int level, int optname, NativeBuffer optval, int optlen) {
        try {
            return result(HOT.setsockopt(sockfd, level, optname, optval.address(), optlen));
        } finally {
            Reference.reachabilityFence(optval);
        }
    }

    static int shutdown(int sockfd, int how) {
        return result(HOT.shutdown(sockfd, how));
    }

    static int close(int fd) {
        return result(HOT.close(fd));
    }

    static int fcntl(int fd, int cmd, int arg) {
        return result(Rest.CALLS.fcntl(fd, cmd, arg));
    }

    /** {@code pathname} is NUL-terminated. */
    static int open(NativeBuffer pathname, int flags, int mode) {
        try {
            return result(Rest.CALLS.open(pathname.address(), flags, mode));
        } finally {
            Reference.reachabilityFence(pathname);
        }
    }

    static long geteuid() {
        return Integer.toUnsignedLong(HOT.geteuid());
    }
}

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

    /**
     * Bound on first use: what happens once per socket or more rarely, and what carries addresses.
     *
     * <p>Five arguments at most: with six, jnr-ffi's generated x86-64 code passes a return address for the last one, and the
     * kernel writes the length of recvfrom's address over the JVM's interpreter. So recvfrom and sendto are made of recvmsg
     * and sendmsg, and pselect has a seventh.
     */
    public interface Cold {
        int bind(int sockfd, long addr, int addrlen);

        int listen(int sockfd, int backlog);

        int accept(int sockfd, long addr, long addrlen);

        long recvmsg(int sockfd, long msg, int flags);

        long sendmsg(int sockfd, long msg, int flags);

        int recvmmsg(int sockfd, long msgvec, int vlen, int flags, long timeout);

        int sendmmsg(int sockfd, long msgvec, int vlen, int flags);

        int sockatmark(int sockfd);

        int getsockname(int sockfd, long addr, long addrlen);

        int getpeername(int sockfd, long addr, long addrlen);

        int socketpair(int domain, int type, int protocol, long sv);

        int epoll_create1(int flags);

        int getrusage(int who, long usage);

        int sched_getcpu();

        int sched_getaffinity(int pid, long cpusetsize, long mask);

        int sched_setaffinity(int pid, long cpusetsize, long mask);

        @Variadic(fixedCount = 2)
        int fcntl(int fd, int cmd, int arg);

        @Variadic(fixedCount = 2)
        int open(long pathname, int flags, int mode);
    }

    /** Bound on first use, apart from the others: what any descriptor can do. */
    public interface Io {
        long read(int fd, long buf, long count);

        long write(int fd, long buf, long count);

        long readv(int fd, long iov, int iovcnt);

        long writev(int fd, long iov, int iovcnt);

        int dup2(int oldfd, int newfd);

        int dup3(int oldfd, int newfd, int flags);

        int pipe(long pipefd);

        int pipe2(long pipefd, int flags);

        @Variadic(fixedCount = 2)
        int ioctl(int fd, long request, long argp);

        long sendfile(int outFd, int inFd, long offset, long count);

        int memfd_create(long name, int flags);

        int eventfd(int initval, int flags);

        int select(int nfds, long readfds, long writefds, long exceptfds, long timeout);

        /** The last argument is not the C function's, which does not see it: six would arrive wrong, seven arrive. */
        int pselect(int nfds, long readfds, long writefds, long exceptfds, long timeout, long sigmask, long unused);
    }

    /** Bound on first use: names of hosts, services, protocols and interfaces. */
    public interface Names {
        int getaddrinfo(long node, long service, long hints, long res);

        void freeaddrinfo(long res);

        int getnameinfo(long addr, int addrlen, long host, int hostlen, long serv, int servlen, int flags);

        long gai_strerror(int errcode);

        long getservbyname(long name, long proto);

        long getservbyport(int port, long proto);

        long getprotobyname(long name);

        long getprotobynumber(int proto);

        int inet_pton(int af, long src, long dst);

        long inet_ntop(int af, long src, long dst, int size);

        int if_nametoindex(long ifname);

        long if_indextoname(int ifindex, long ifname);

        long if_nameindex();

        void if_freenameindex(long ptr);
    }

    private static final Hot HOT;
    private static final jnr.ffi.Runtime RUNTIME;

    static {
        try {
            HOT = LibraryLoader.create(Hot.class).load("c");
            RUNTIME = jnr.ffi.Runtime.getRuntime(HOT);
        } catch (LinkageError e) {
            // the loader's own message says nothing of the directory
            String directory = System.getProperty("jffi.extract.dir", System.getProperty("java.io.tmpdir"));
            throw new ExceptionInInitializerError(new IOException(
                    "cannot load jffi's native library, which is unpacked into " + directory
                            + ": if that is mounted noexec or cannot be written to, set -Djffi.extract.dir to another"
                            + " directory; if jffi's jar with the classifier native is not on the class path, add it",
                    e));
        }
    }

    private static final class Rest {
        static final Cold CALLS = LibraryLoader.create(Cold.class).load("c");
    }

    private static final class IoCalls {
        static final Io CALLS = LibraryLoader.create(Io.class).load("c");
    }

    private static final class NamesCalls {
        static final Names CALLS = LibraryLoader.create(Names.class).load("c");
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

    static int getrusage(int who, NativeBuffer usage) {
        try {
            return result(Rest.CALLS.getrusage(who, usage.address()));
        } finally {
            Reference.reachabilityFence(usage);
        }
    }

    static int schedGetcpu() {
        return result(Rest.CALLS.sched_getcpu());
    }

    /** Of the calling thread. */
    static int schedGetaffinity(NativeBuffer mask, int bytes) {
        try {
            return result(Rest.CALLS.sched_getaffinity(0, bytes, mask.address()));
        } finally {
            Reference.reachabilityFence(mask);
        }
    }

    /** Of the calling thread. */
    static int schedSetaffinity(NativeBuffer mask, int bytes) {
        try {
            return result(Rest.CALLS.sched_setaffinity(0, bytes, mask.address()));
        } finally {
            Reference.reachabilityFence(mask);
        }
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
    static int accept(int sockfd, NativeBuffer addr, int lenOffset) {
        try {
            return result(Rest.CALLS.accept(sockfd, addr.address(), addr.address() + lenOffset));
        } finally {
            Reference.reachabilityFence(addr);
        }
    }

    /** As {@link #accept(int, NativeBuffer, int)}. */
    static int accept4(int sockfd, NativeBuffer addr, int lenOffset, int flags) {
        try {
            return result(HOT.accept4(sockfd, addr.address(), addr.address() + lenOffset, flags));
        } finally {
            Reference.reachabilityFence(addr);
        }
    }

    /** {@code msg} begins with the {@code msghdr}; {@code owner} keeps what it points to outside of {@code msg}. */
    static int recvmsg(int sockfd, NativeBuffer msg, Object owner, int flags) {
        try {
            long n = Rest.CALLS.recvmsg(sockfd, msg.address(), flags);
            return n >= 0 ? (int) n : -errno();
        } finally {
            Reference.reachabilityFence(msg);
            Reference.reachabilityFence(owner);
        }
    }

    /** As {@link #recvmsg}. */
    static int sendmsg(int sockfd, NativeBuffer msg, Object owner, int flags) {
        try {
            long n = Rest.CALLS.sendmsg(sockfd, msg.address(), flags);
            return n >= 0 ? (int) n : -errno();
        } finally {
            Reference.reachabilityFence(msg);
            Reference.reachabilityFence(owner);
        }
    }

    /**
     * Linux only. {@code owner} keeps all that the headers point to; a timespec lies behind them at {@code timespecOffset},
     * a negative one meaning no timeout.
     */
    static int recvmmsg(int sockfd, Object owner, NativeBuffer headers, int vlen, int flags, int timespecOffset) {
        try {
            long timeout = timespecOffset < 0 ? 0 : headers.address() + timespecOffset;
            return result(Rest.CALLS.recvmmsg(sockfd, headers.address(), vlen, flags, timeout));
        } finally {
            Reference.reachabilityFence(owner);
            Reference.reachabilityFence(headers);
        }
    }

    /** Linux only. */
    static int sendmmsg(int sockfd, Object owner, NativeBuffer headers, int vlen, int flags) {
        try {
            return result(Rest.CALLS.sendmmsg(sockfd, headers.address(), vlen, flags));
        } finally {
            Reference.reachabilityFence(owner);
            Reference.reachabilityFence(headers);
        }
    }

    static int sockatmark(int sockfd) {
        return result(Rest.CALLS.sockatmark(sockfd));
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

    private static int count(long value) {
        return value >= 0 ? (int) value : -errno();
    }

    static int read(int fd, Object owner, long buf, int count) {
        try {
            return count(IoCalls.CALLS.read(fd, buf, count));
        } finally {
            Reference.reachabilityFence(owner);
        }
    }

    static int write(int fd, Object owner, long buf, int count) {
        try {
            return count(IoCalls.CALLS.write(fd, buf, count));
        } finally {
            Reference.reachabilityFence(owner);
        }
    }

    /** {@code owners} is what keeps the memory of the vector and of its parts. */
    static int readv(int fd, Object owners, long iov, int iovcnt) {
        try {
            return count(IoCalls.CALLS.readv(fd, iov, iovcnt));
        } finally {
            Reference.reachabilityFence(owners);
        }
    }

    /** As {@link #readv}. */
    static int writev(int fd, Object owners, long iov, int iovcnt) {
        try {
            return count(IoCalls.CALLS.writev(fd, iov, iovcnt));
        } finally {
            Reference.reachabilityFence(owners);
        }
    }

    static int dup2(int oldfd, int newfd) {
        return result(IoCalls.CALLS.dup2(oldfd, newfd));
    }

    static int dup3(int oldfd, int newfd, int flags) {
        return result(IoCalls.CALLS.dup3(oldfd, newfd, flags));
    }

    static int pipe(NativeBuffer pipefd) {
        try {
            return result(IoCalls.CALLS.pipe(pipefd.address()));
        } finally {
            Reference.reachabilityFence(pipefd);
        }
    }

    static int pipe2(NativeBuffer pipefd, int flags) {
        try {
            return result(IoCalls.CALLS.pipe2(pipefd.address(), flags));
        } finally {
            Reference.reachabilityFence(pipefd);
        }
    }

    static int ioctl(int fd, int request, NativeBuffer argp) {
        try {
            return result(IoCalls.CALLS.ioctl(fd, Integer.toUnsignedLong(request), argp.address()));
        } finally {
            Reference.reachabilityFence(argp);
        }
    }

    /** The offset lies at the start of {@code offset}; null for the position of {@code inFd} itself. */
    static long sendfile(int outFd, int inFd, NativeBuffer offset, long count) {
        try {
            long n = IoCalls.CALLS.sendfile(outFd, inFd, offset == null ? 0 : offset.address(), count);
            return n >= 0 ? n : -errno();
        } finally {
            Reference.reachabilityFence(offset);
        }
    }

    /** {@code name} is NUL-terminated. */
    static int memfdCreate(NativeBuffer name, int flags) {
        try {
            return result(IoCalls.CALLS.memfd_create(name.address(), flags));
        } finally {
            Reference.reachabilityFence(name);
        }
    }

    static int eventfd(int initval, int flags) {
        return result(IoCalls.CALLS.eventfd(initval, flags));
    }

    /** The sets and the time lie in {@code memory} at these offsets; a negative one stands for null. */
    static int select(int nfds, NativeBuffer memory, int readfds, int writefds, int exceptfds, int timeval) {
        try {
            return result(IoCalls.CALLS.select(
                    nfds, at(memory, readfds), at(memory, writefds), at(memory, exceptfds), at(memory, timeval)));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** As {@link #select}; no signal mask. */
    static int pselect(int nfds, NativeBuffer memory, int readfds, int writefds, int exceptfds, int timespec) {
        try {
            return result(IoCalls.CALLS.pselect(
                    nfds,
                    at(memory, readfds),
                    at(memory, writefds),
                    at(memory, exceptfds),
                    at(memory, timespec),
                    0,
                    0));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    private static long at(NativeBuffer memory, int offset) {
        return offset < 0 ? 0 : memory.address() + offset;
    }

    /** An offset of -1 stands for null. What EAI_SYSTEM stands for is in the high half, the function's result in the low one. */
    static long getaddrinfo(NativeBuffer memory, int node, int service, int hints, int res) {
        try {
            int code = NamesCalls.CALLS.getaddrinfo(
                    at(memory, node), at(memory, service), at(memory, hints), at(memory, res));
            return withErrno(code);
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    private static long withErrno(int code) {
        long errno = code == SocketConstants.EAI_SYSTEM ? errno() : 0;
        return errno << 32 | Integer.toUnsignedLong(code);
    }

    static void freeaddrinfo(long res) {
        NamesCalls.CALLS.freeaddrinfo(res);
    }

    /** The address is at the start of {@code memory}. The result as {@link #getaddrinfo}'s. */
    static long getnameinfo(NativeBuffer memory, int addrlen, int host, int hostlen, int serv, int servlen, int flags) {
        try {
            return withErrno(NamesCalls.CALLS.getnameinfo(
                    memory.address(), addrlen, at(memory, host), hostlen, at(memory, serv), servlen, flags));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** The address of a string that is never freed. */
    static long gaiStrerror(int errcode) {
        return NamesCalls.CALLS.gai_strerror(errcode);
    }

    /** The address of a struct that the next call overwrites, or 0. Strings at these offsets, -1 for null. */
    static long getservbyname(NativeBuffer memory, int name, int proto) {
        try {
            return NamesCalls.CALLS.getservbyname(at(memory, name), at(memory, proto));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** As {@link #getservbyname}; {@code port} is in network byte order. */
    static long getservbyport(int port, NativeBuffer memory, int proto) {
        try {
            return NamesCalls.CALLS.getservbyport(port, at(memory, proto));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** As {@link #getservbyname}. */
    static long getprotobyname(NativeBuffer name) {
        try {
            return NamesCalls.CALLS.getprotobyname(name.address());
        } finally {
            Reference.reachabilityFence(name);
        }
    }

    /** As {@link #getservbyname}. */
    static long getprotobynumber(int proto) {
        return NamesCalls.CALLS.getprotobynumber(proto);
    }

    /** The text is at the start of {@code memory}, the address goes to {@code dst}. */
    static int inetPton(int af, NativeBuffer memory, int dst) {
        try {
            return result(NamesCalls.CALLS.inet_pton(af, memory.address(), memory.address() + dst));
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** The address is at the start of {@code memory}, the text goes to {@code dst}. 0 or the negated errno. */
    static int inetNtop(int af, NativeBuffer memory, int dst, int size) {
        try {
            return NamesCalls.CALLS.inet_ntop(af, memory.address(), memory.address() + dst, size) != 0 ? 0 : -errno();
        } finally {
            Reference.reachabilityFence(memory);
        }
    }

    /** The index, as an unsigned number, or the negated errno. */
    static long ifNametoindex(NativeBuffer ifname) {
        try {
            int index = NamesCalls.CALLS.if_nametoindex(ifname.address());
            return index != 0 ? Integer.toUnsignedLong(index) : -errno();
        } finally {
            Reference.reachabilityFence(ifname);
        }
    }

    static int ifIndextoname(int ifindex, NativeBuffer ifname) {
        try {
            return NamesCalls.CALLS.if_indextoname(ifindex, ifname.address()) != 0 ? 0 : -errno();
        } finally {
            Reference.reachabilityFence(ifname);
        }
    }

    /** The address of an array that {@link #ifFreenameindex} frees, or the negated errno. */
    static long ifNameindex() {
        long array = NamesCalls.CALLS.if_nameindex();
        return array != 0 ? array : -errno();
    }

    static void ifFreenameindex(long array) {
        NamesCalls.CALLS.if_freenameindex(array);
    }

    static long geteuid() {
        return Integer.toUnsignedLong(HOT.geteuid());
    }
}

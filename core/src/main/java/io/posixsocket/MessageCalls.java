package io.posixsocket;

import static io.posixsocket.SocketConstants.MSG_NOSIGNAL;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The calls behind {@link PosixSocket} that carry addresses or whole messages. Arguments are checked already. */
final class MessageCalls {
    private static final int EINTR = Errno.EINTR.number();
    private static final int NOSIGNAL = Message.orNone(MSG_NOSIGNAL);
    private static final int CLOEXEC = Message.orNone(SocketConstants.MSG_CMSG_CLOEXEC);
    private static final int LENGTH = SockaddrLayout.LENGTH_OFFSET;

    // sendto and recvfrom: a msghdr, the address, an iovec
    private static final int NAME = MsghdrLayout.MMSGHDR;
    private static final int IOV = NAME + LENGTH;
    private static final int ONE = IOV + MsghdrLayout.IOVEC;

    private MessageCalls() {}

    static int sendto(int sockfd, ByteBuffer buf, int flags, Sockaddr addr) throws ErrnoException {
        NativeBuffer msg = BufferPool.SMALL.take(ONE);
        NativeBuffer window = null;
        try {
            int addrlen = SockaddrLayout.encode(addr, msg.bytes().slice(NAME, LENGTH));
            int position = buf.position();
            int length = buf.remaining();
            int n;
            if (buf.isDirect()) {
                putOne(msg, addrlen, NativeBuffer.addressOf(buf) + position, length);
                do n = LibC.sendmsg(sockfd, msg, buf, flags | NOSIGNAL);
                while (n == -EINTR);
            } else {
                window = BufferPool.WINDOWS.take(length);
                window.bytes().put(0, buf, position, length);
                putOne(msg, addrlen, window.address(), length);
                do n = LibC.sendmsg(sockfd, msg, window, flags | NOSIGNAL);
                while (n == -EINTR);
            }
            if (n < 0) throw new ErrnoException("sendto", "fd " + sockfd + ", " + addr, -n);
            buf.position(position + n);
            return n;
        } finally {
            if (window != null) BufferPool.WINDOWS.give(window);
            BufferPool.SMALL.give(msg);
        }
    }

    /** A {@code msghdr} with an address and one buffer, without control data, in one small block. */
    private static void putOne(NativeBuffer msg, int addrlen, long buf, int length) {
        long address = msg.address();
        MsghdrLayout.put(msg.bytes(), 0, address + NAME, addrlen, address + IOV, 1, 0, 0);
        MsghdrLayout.putIovec(msg.bytes(), IOV, buf, length);
    }

    static Received recvfrom(int sockfd, ByteBuffer buf, int flags) throws ErrnoException {
        if (buf.isReadOnly()) throw new ReadOnlyBufferException();
        NativeBuffer msg = BufferPool.SMALL.take(ONE);
        NativeBuffer window = null;
        try {
            int position = buf.position();
            int length = buf.remaining();
            int n;
            if (buf.isDirect()) {
                n = recvfrom(sockfd, msg, buf, NativeBuffer.addressOf(buf) + position, length, flags);
            } else {
                window = BufferPool.WINDOWS.take(length);
                n = recvfrom(sockfd, msg, window, window.address(), length, flags);
                if (n > 0) buf.put(position, window.bytes(), 0, Math.min(n, length));
            }
            if (n < 0) throw new ErrnoException("recvfrom", "fd " + sockfd, -n);
            buf.position(position + Math.min(n, length));
            int addrlen = Math.min(LENGTH, msg.bytes().getInt(MsghdrLayout.NAMELEN));
            Sockaddr addr = SockaddrLayout.decodeOrNull(msg.bytes().slice(NAME, LENGTH), addrlen);
            return new Received(n, addr, msg.bytes().getInt(MsghdrLayout.FLAGS));
        } finally {
            if (window != null) BufferPool.WINDOWS.give(window);
            BufferPool.SMALL.give(msg);
        }
    }

    private static int recvfrom(int sockfd, NativeBuffer msg, Object owner, long buf, int length, int flags) {
        int n;
        do {
            putOne(msg, LENGTH, buf, length);
            n = LibC.recvmsg(sockfd, msg, owner, flags);
        } while (n == -EINTR);
        return n;
    }

    /** The length that the kernel wrote behind an address; it tells more than there is room for. */
    private static int addrlen(NativeBuffer name) {
        return Math.min(LENGTH, name.bytes().getInt(LENGTH));
    }

    static Accepted accept(int sockfd, int flags) throws ErrnoException {
        boolean atOnce = SocketConstants.SOCK_CLOEXEC != SocketConstants.NOT_DEFINED;
        String function = flags == 0 ? "accept" : "accept4";
        NativeBuffer name = BufferPool.SMALL.take(LENGTH + 4);
        try {
            int fd;
            do {
                name.bytes().putInt(LENGTH, LENGTH);
                fd = atOnce
                        ? LibC.accept4(sockfd, name, LENGTH, flags | SocketConstants.SOCK_CLOEXEC)
                        : LibC.accept(sockfd, name, LENGTH);
            } while (fd == -EINTR);
            if (fd < 0) throw new ErrnoException(function, "fd " + sockfd, -fd);
            if (!atOnce) PosixSocket.closeOnExec(function, fd);
            // of a Unix socket that is not bound, Linux tells the family alone
            return new Accepted(OwnedFd.adopt(fd), SockaddrLayout.decodeOrNull(name.bytes(), addrlen(name)));
        } finally {
            BufferPool.SMALL.give(name);
        }
    }

    static int sendmsg(int sockfd, Message message, int flags) throws IOException {
        List<OwnedFd> lent = new ArrayList<>(0);
        message.begin();
        try {
            message.lendRights(lent);
            message.prepareToSend();
            int n;
            do n = LibC.sendmsg(sockfd, message.memory().header(), message, flags | NOSIGNAL);
            while (n == -EINTR);
            if (n < 0) throw new ErrnoException("sendmsg", subject(sockfd, message), -n);
            message.sent(n);
            return n;
        } finally {
            message.end();
            lent.forEach(OwnedFd::exit);
        }
    }

    private static String subject(int sockfd, Message message) {
        return "fd " + sockfd + (message.name() == null ? "" : ", " + message.name());
    }

    static int recvmsg(int sockfd, Message message, int flags) throws ErrnoException {
        message.begin();
        try {
            message.prepareToReceive();
            int n;
            do n = LibC.recvmsg(sockfd, message.memory().header(), message, flags | CLOEXEC);
            while (n == -EINTR);
            if (n < 0) throw new ErrnoException("recvmsg", "fd " + sockfd, -n);
            message.received(message.memory().headerBytes(), 0, n);
            return n;
        } finally {
            message.end();
        }
    }

    static int sendmmsg(int sockfd, Message[] messages, int flags) throws IOException {
        List<OwnedFd> lent = new ArrayList<>(0);
        NativeBuffer headers = BufferPool.SMALL.take(messages.length * MsghdrLayout.MMSGHDR);
        begin(messages);
        try {
            for (Message message : messages) {
                message.lendRights(lent);
                message.prepareToSend();
            }
            int n;
            do {
                putHeaders(headers, messages);
                n = LibC.sendmmsg(sockfd, messages, headers, messages.length, flags | NOSIGNAL);
            } while (n == -EINTR);
            if (n < 0) throw new ErrnoException("sendmmsg", "fd " + sockfd + ", " + messages.length, -n);
            for (int i = 0; i < n; i++) messages[i].sent(msgLen(headers, i));
            return n;
        } finally {
            for (Message message : messages) message.end();
            BufferPool.SMALL.give(headers);
            lent.forEach(OwnedFd::exit);
        }
    }

    /** A timespec follows the headers. */
    static int recvmmsg(int sockfd, Message[] messages, int flags, Duration timeout) throws ErrnoException {
        int timespec = messages.length * MsghdrLayout.MMSGHDR;
        NativeBuffer headers = BufferPool.SMALL.take(timespec + 2 * Platform.LONG);
        long end = timeout == null ? 0 : System.nanoTime() + StructLayout.nanos(timeout);
        begin(messages);
        try {
            for (Message message : messages) message.prepareToReceive();
            long left = timeout == null ? 0 : StructLayout.nanos(timeout);
            int n;
            for (; ; ) {
                putHeaders(headers, messages);
                StructLayout.putLong(headers.bytes(), timespec, left / 1_000_000_000);
                StructLayout.putLong(headers.bytes(), timespec + Platform.LONG, left % 1_000_000_000);
                int at = timeout == null ? -1 : timespec;
                n = LibC.recvmmsg(sockfd, messages, headers, messages.length, flags | CLOEXEC, at);
                if (n != -EINTR) break;
                if (timeout != null) left = Math.max(0, end - System.nanoTime());
            }
            if (n < 0) throw new ErrnoException("recvmmsg", "fd " + sockfd + ", " + messages.length, -n);
            for (int i = 0; i < n; i++)
                messages[i].received(headers.bytes(), i * MsghdrLayout.MMSGHDR, msgLen(headers, i));
            return n;
        } finally {
            for (Message message : messages) message.end();
            BufferPool.SMALL.give(headers);
        }
    }

    private static void begin(Message[] messages) {
        int begun = 0;
        try {
            for (Message message : messages) {
                message.begin();
                begun++;
            }
        } finally {
            if (begun < messages.length) for (int i = 0; i < begun; i++) messages[i].end();
        }
    }

    private static void putHeaders(NativeBuffer headers, Message[] messages) {
        for (int i = 0; i < messages.length; i++) {
            int offset = i * MsghdrLayout.MMSGHDR;
            messages[i].memory().putHeader(headers.bytes(), offset);
            headers.bytes().putInt(offset + MsghdrLayout.LEN, 0);
        }
    }

    private static int msgLen(NativeBuffer headers, int index) {
        return headers.bytes().getInt(index * MsghdrLayout.MMSGHDR + MsghdrLayout.LEN);
    }
}

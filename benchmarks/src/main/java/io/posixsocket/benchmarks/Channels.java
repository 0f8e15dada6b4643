package io.posixsocket.benchmarks;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ByteChannel;
import java.nio.channels.Channel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** Whose blocking channels {@link ChannelServer} and {@link ChannelClient} use: their option. */
enum Channels {
    /** The JDK's own. */
    JDK {
        @Override
        Listener listen(Path path) throws IOException {
            ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            listener.bind(UnixDomainSocketAddress.of(path), BACKLOG);
            return new Listener(listener, listener::accept);
        }

        @Override
        ByteChannel connect(Path path) throws IOException {
            return SocketChannel.open(UnixDomainSocketAddress.of(path));
        }
    },
    /** Of jnr-unixsocket. */
    JNR {
        @Override
        Listener listen(Path path) throws IOException {
            UnixServerSocketChannel listener = UnixServerSocketChannel.open();
            listener.socket().bind(new UnixSocketAddress(path.toFile()), BACKLOG);
            return new Listener(listener, listener::accept);
        }

        @Override
        ByteChannel connect(Path path) throws IOException {
            return UnixSocketChannel.open(new UnixSocketAddress(path.toFile()));
        }
    },
    /** Of junixsocket. */
    JUNIXSOCKET {
        @Override
        Listener listen(Path path) throws IOException {
            AFUNIXServerSocketChannel listener = AFUNIXServerSocketChannel.open();
            listener.bind(AFUNIXSocketAddress.of(path), BACKLOG);
            return new Listener(listener, listener::accept);
        }

        @Override
        ByteChannel connect(Path path) throws IOException {
            return AFUNIXSocketChannel.open(AFUNIXSocketAddress.of(path));
        }
    };

    private static final int BACKLOG = 512;

    /** Those that the options name, or else the JDK's. */
    static Channels of(Terms terms) {
        return terms.options().isEmpty() ? JDK : valueOf(terms.options().get(0));
    }

    /** Listens at {@code path}. */
    abstract Listener listen(Path path) throws IOException;

    /** Connects to who listens at {@code path}. */
    abstract ByteChannel connect(Path path) throws IOException;

    /** Where connections come in: the kinds of channels have no type for it in common. */
    record Listener(Channel channel, Accept accept) implements Closeable {
        boolean isOpen() {
            return channel.isOpen();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** Blocks until a client connects. */
    @FunctionalInterface
    interface Accept {
        ByteChannel accept() throws IOException;
    }
}

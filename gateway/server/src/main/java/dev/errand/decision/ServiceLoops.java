package dev.errand.decision;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.EventExecutor;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import reactor.netty.resources.LoopResources;

/** The event loops of the traffic port, on which the decision service runs too. Thread-safe. */
record ServiceLoops(LoopResources resources) {
    EventLoopGroup workers() {
        return resources.onServer(LoopResources.DEFAULT_NATIVE);
    }

    EventLoopGroup acceptors() {
        return resources.onServerSelect(LoopResources.DEFAULT_NATIVE);
    }

    Class<? extends ServerChannel> tcp() {
        return resources.onChannelClass(ServerSocketChannel.class, acceptors());
    }

    Class<? extends ServerChannel> unix() {
        return isNative() ? EpollServerDomainSocketChannel.class : NioServerDomainSocketChannel.class;
    }

    SocketAddress address(Path socket) {
        return isNative() ? new DomainSocketAddress(socket.toString()) : UnixDomainSocketAddress.of(socket);
    }

    private static boolean isNative() {
        return LoopResources.DEFAULT_NATIVE && LoopResources.hasNativeSupport();
    }

    /** The loop on which the caller is. */
    EventLoop current() {
        for (EventExecutor loop : workers()) {
            if (loop.inEventLoop()) {
                return (EventLoop) loop;
            }
        }
        throw new IllegalStateException("not on an event loop");
    }
}

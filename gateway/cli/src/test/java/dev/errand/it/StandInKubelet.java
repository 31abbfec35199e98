package dev.errand.it;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;

/**
 * Speaks a kubelet's protocol to an apiserver: logs over HTTPS; commands and forwarded ports over SPDY/3.1, to which an
 * apiserver turns what clients send by WebSocket. There are no containers behind it.
 */
final class StandInKubelet implements AutoCloseable {
    private static final int REQUEST_BYTES = 65_536;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;

    StandInKubelet(SSLContext tls) throws InterruptedException {
        listener = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        SSLEngine engine = tls.createSSLEngine();
                        engine.setUseClientMode(false);
                        channel.pipeline()
                                .addLast(new SslHandler(engine))
                                .addLast(KubeletRequests.CODEC, new HttpServerCodec())
                                .addLast(KubeletRequests.WHOLE, new HttpObjectAggregator(REQUEST_BYTES))
                                .addLast(new KubeletRequests());
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), 0)
                .sync()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}

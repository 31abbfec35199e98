package dev.errand.agent;

import dev.errand.holder.AgentException;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Asks the SPIFFE Workload API for a JWT-SVID, over the socket that {@code SPIFFE_ENDPOINT_SOCKET} names. */
final class WorkloadApi {
    private static final String VARIABLE = "SPIFFE_ENDPOINT_SOCKET";
    private static final int SECONDS = 10;

    private WorkloadApi() {}

    /**
     * Asks for a JWT-SVID of this workload. Blocks, so it is not called on the event loop.
     *
     * @throws AgentException if there is none
     */
    public static String jwtSvid(EventLoop loop, Map<String, String> environment, String audience) {
        String socket = environment.get(VARIABLE);
        if (socket == null) {
            throw new AgentException("--svid workload-api needs " + VARIABLE + ", such as unix:///run/spire/agent.sock;"
                    + " or give --svid @FILE");
        }
        CompletableFuture<String> svid = new CompletableFuture<>();
        Channel channel = connect(loop, address(socket));
        try {
            new Http2StreamChannelBootstrap(channel)
                    .handler(new SvidStream(audience, svid))
                    .open()
                    .addListener(opened -> {
                        if (!opened.isSuccess()) {
                            svid.completeExceptionally(opened.cause());
                        }
                    });
            return svid.get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw failed(e.getCause() == null ? null : e.getCause().getMessage());
        } catch (TimeoutException e) {
            throw failed("no answer in " + SECONDS + " seconds");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted");
        } finally {
            channel.close();
        }
    }

    private static AgentException failed(@Nullable String why) {
        return new AgentException("the SPIFFE Workload API gives no SVID: " + why);
    }

    private static Channel connect(EventLoop loop, SocketAddress address) {
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(
                        address instanceof UnixDomainSocketAddress
                                ? NioDomainSocketChannel.class
                                : NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(
                                        Http2FrameCodecBuilder.forClient()
                                                .initialSettings(Http2Settings.defaultSettings())
                                                .build(),
                                        new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()));
                    }
                })
                .connect(address)
                .awaitUninterruptibly();
        if (!connecting.isSuccess()) {
            throw failed(connecting.cause().getMessage());
        }
        return connecting.channel();
    }

    /** {@code unix:/path} or {@code tcp://address:port}. */
    static SocketAddress address(String socket) {
        try {
            URI uri = URI.create(socket);
            if ("unix".equals(uri.getScheme())) {
                String path = uri.isOpaque() ? uri.getSchemeSpecificPart() : uri.getPath();
                return UnixDomainSocketAddress.of(path);
            }
            if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() > 0) {
                return new InetSocketAddress(uri.getHost(), uri.getPort());
            }
        } catch (IllegalArgumentException malformed) {
            // The message is the one below.
        }
        throw new AgentException(VARIABLE + " must be unix:///path or tcp://address:port, was '" + socket + "'");
    }
}

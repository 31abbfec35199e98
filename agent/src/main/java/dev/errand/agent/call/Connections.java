package dev.errand.agent.call;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections to one gateway. Used on their event loop only. Up to 32 unused connections are kept, each for 30
 * seconds, which is less than a gateway keeps it.
 */
public final class Connections {
    /** Longest head of an answer, in bytes. */
    private static final int HEAD = 64 << 10;

    private static final int LINE = 16 << 10;
    private static final int PART = 64 << 10;
    private static final int CONNECT_MILLIS = 10_000;
    private static final int MOST_KEPT = 32;
    private static final long KEPT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final EventLoop loop;
    private final GatewayAddress address;
    private final @Nullable SslContext tls;
    private final ArrayDeque<BackConnection> kept = new ArrayDeque<>();

    /** @param tls null for plain HTTP */
    public Connections(EventLoop loop, GatewayAddress address, @Nullable SslContext tls) {
        this.loop = loop;
        this.address = address;
        this.tls = tls;
    }

    /** Waits for a connection. Exactly one of the two methods is called, once. */
    public interface Taker {
        void connected(BackConnection connection);

        /** There is no connection, so no byte was sent. */
        void failed(Throwable why);
    }

    public EventLoop loop() {
        return loop;
    }

    public GatewayAddress address() {
        return address;
    }

    /** Gives the taker a kept connection at once, or a new one later. */
    public void take(Taker taker) {
        for (BackConnection idle = kept.pollLast(); idle != null; idle = kept.pollLast()) {
            if (idle.isOpen() && System.nanoTime() - idle.idleSince() < KEPT_NANOS) {
                taker.connected(idle);
                return;
            }
            idle.close();
        }
        connect(taker);
    }

    private void connect(Taker taker) {
        ChannelFuture connecting = new Bootstrap()
                .group(loop)
                .channel(NioSocketChannel.class)
                .option(ChannelOption.AUTO_READ, false)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (tls != null) {
                            channel.pipeline()
                                    .addLast(tls.newHandler(channel.alloc(), address.socketHost(), address.port()));
                        }
                        channel.pipeline().addLast(codec(), new BackConnection(Connections.this, channel));
                    }
                })
                .connect(address.socketHost(), address.port());
        connecting.addListener(done -> {
            if (!done.isSuccess()) {
                taker.failed(done.cause());
                return;
            }
            Channel channel = connecting.channel();
            BackConnection connection = channel.pipeline().get(BackConnection.class);
            SslHandler handshaking = channel.pipeline().get(SslHandler.class);
            if (handshaking == null) {
                taker.connected(connection);
                return;
            }
            channel.read();
            handshaking.handshakeFuture().addListener(shaken -> {
                if (shaken.isSuccess()) {
                    taker.connected(connection);
                } else {
                    channel.close();
                    taker.failed(shaken.cause());
                }
            });
        });
    }

    private static HttpClientCodec codec() {
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE)
                .setMaxHeaderSize(HEAD)
                .setMaxChunkSize(PART);
        return new HttpClientCodec(config, false, false);
    }

    void kept(BackConnection connection) {
        long now = System.nanoTime();
        while (!kept.isEmpty()
                && (kept.size() >= MOST_KEPT || now - kept.getFirst().idleSince() > KEPT_NANOS)) {
            kept.removeFirst().close();
        }
        connection.idleSince(now);
        kept.addLast(connection);
    }

    void gone(BackConnection connection) {
        kept.remove(connection);
    }
}

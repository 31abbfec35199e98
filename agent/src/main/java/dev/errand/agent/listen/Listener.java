package dev.errand.agent.listen;

import dev.errand.agent.call.CallRoom;
import dev.errand.holder.AgentException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Listens for tools, on loopback or at a path. */
public final class Listener {
    private static final int BACKLOG = 256;
    private static final int LINE = 16 << 10;
    private static final int HEAD = 64 << 10;
    private static final int PART = 64 << 10;

    private final EventLoopGroup loops;
    private final CallRoom room;
    private final @Nullable SslContext tls;
    private final OpenTools open = new OpenTools();

    /** @param tls null for plain HTTP */
    public Listener(EventLoopGroup loops, CallRoom room, @Nullable SslContext tls) {
        this.loops = loops;
        this.room = room;
        this.tls = tls;
    }

    /** Makes what a connection needs, once the listener's address is known. */
    public interface Doors {
        Door at(SocketAddress bound);
    }

    /** Listens on loopback. Returns the port. */
    public int listen(InetSocketAddress address, Doors doors) {
        Channel bound = bind(address, NioServerSocketChannel.class, doors);
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    /** Listens on an address, by channels of this class. */
    Channel bind(SocketAddress address, Class<? extends ServerChannel> kind, Doors doors) {
        ChannelFuture binding = new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        prepare(channel, doors.at(channel.parent().localAddress()));
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new AgentException(
                    "cannot listen at " + address + ": " + binding.cause().getMessage());
        }
        return binding.channel();
    }

    private void prepare(Channel channel, Door door) {
        if (tls != null) {
            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        }
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE)
                .setMaxHeaderSize(HEAD)
                .setMaxChunkSize(PART);
        ToolEncoder encoder = new ToolEncoder();
        OpenTools.Watch silence = open.watch();
        channel.pipeline()
                .addLast(
                        new HttpRequestDecoder(config),
                        silence,
                        encoder,
                        new ToolConnection(room, door, encoder, silence));
    }
}

package dev.errand.agent.listen;

import dev.errand.agent.call.CallResources;
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
import io.netty.handler.ssl.OptionalSslHandler;
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
    private final CallResources resources;
    private final @Nullable SslContext tls;
    private final @Nullable PeerUsers users;
    private final OpenTools open = new OpenTools();

    /**
     * @param tls null for plain HTTP
     * @param users checks whose processes connect over TCP; null if any may
     */
    public Listener(
            EventLoopGroup loops, CallResources resources, @Nullable SslContext tls, @Nullable PeerUsers users) {
        this.loops = loops;
        this.resources = resources;
        this.tls = tls;
        this.users = users;
    }

    /** Makes what a connection needs, once the listener's address is known. */
    public interface Doors {
        ListenerSettings at(SocketAddress bound);
    }

    /** Listens on loopback. Returns the port. */
    public int listen(InetSocketAddress address, Doors doors) {
        Channel bound = bind(address, NioServerSocketChannel.class, doors, users);
        return ((InetSocketAddress) bound.localAddress()).getPort();
    }

    /** Listens at a socket's file, by channels of this class. The file's mode says who may connect. */
    Channel bind(SocketAddress address, Class<? extends ServerChannel> kind, Doors doors) {
        return bind(address, kind, doors, null);
    }

    private Channel bind(
            SocketAddress address, Class<? extends ServerChannel> kind, Doors doors, @Nullable PeerUsers checked) {
        ChannelFuture binding = new ServerBootstrap()
                .group(loops)
                .channel(kind)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.AUTO_READ, false)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        prepare(channel, doors.at(channel.parent().localAddress()), checked);
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

    private void prepare(Channel channel, ListenerSettings door, @Nullable PeerUsers checked) {
        if (tls != null) {
            channel.pipeline().addLast(tls.newHandler(channel.alloc()));
        } else if (door.tls() != null) {
            channel.pipeline().addLast(new OptionalSslHandler(door.tls()));
        }
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE)
                .setMaxHeaderSize(HEAD)
                .setMaxChunkSize(PART);
        ToolEncoder encoder = new ToolEncoder();
        OpenTools.Watch silence = open.watch();
        channel.pipeline().addLast(new HttpRequestDecoder(config), silence);
        if (checked != null) {
            channel.pipeline().addLast(new PeerCheck(checked));
        }
        channel.pipeline().addLast(encoder, new ToolConnection(resources, door, encoder, silence));
    }
}

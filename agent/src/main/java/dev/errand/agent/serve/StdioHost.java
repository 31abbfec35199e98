package dev.errand.agent.serve;

import dev.errand.agent.listen.OpenTools;
import dev.errand.holder.AgentException;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Serves a command that speaks MCP over stdio as streamable HTTP at {@code /mcp}: one process a session. It takes only requests with
 * the bearer token, a loopback {@code Host} and no {@code Origin}. Thread-safe.
 */
public final class StdioHost implements AutoCloseable {
    private static final int BACKLOG = 256;
    private static final int LINE = 8 << 10;
    private static final int HEAD = 16 << 10;
    private static final int PART = 64 << 10;

    private final EventLoop loop;
    private final Bounds bounds;
    private final byte[] token;
    private final Sessions sessions;
    private final OpenTools open = new OpenTools();

    /** @param notes takes a line for the person who runs the command */
    public StdioHost(EventLoop loop, List<String> command, String token, Bounds bounds, Consumer<String> notes) {
        this.loop = loop;
        this.bounds = bounds;
        this.token = token.getBytes(StandardCharsets.UTF_8);
        this.sessions = new Sessions(loop, command, bounds, notes);
    }

    /** Listens on loopback. Returns the port. */
    public int listen(InetSocketAddress address) {
        ChannelFuture binding = new ServerBootstrap()
                .group(loop)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        prepare(channel);
                    }
                })
                .bind(address)
                .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new AgentException(
                    "cannot listen at " + address + ": " + binding.cause().getMessage());
        }
        return ((InetSocketAddress) binding.channel().localAddress()).getPort();
    }

    private void prepare(Channel channel) {
        HttpDecoderConfig config = new HttpDecoderConfig()
                .setMaxInitialLineLength(LINE)
                .setMaxHeaderSize(HEAD)
                .setMaxChunkSize(PART);
        OpenTools.Watch silence = open.watch();
        channel.pipeline()
                .addLast(
                        silence,
                        new WriteTimeoutHandler(bounds.taking().toMillis(), TimeUnit.MILLISECONDS),
                        new HttpServerCodec(config),
                        new HttpServerKeepAliveHandler(),
                        new RequestCheck(sessions, token, silence),
                        new HttpObjectAggregator(Bounds.MESSAGE, true),
                        new ServeConnection(sessions, silence));
    }

    /** How many processes there are. Asks the event loop, so it is not called on it. */
    public int processes() {
        return loop.submit(sessions::processes).syncUninterruptibly().getNow();
    }

    /** Ends all sessions, and waits until their processes have ended or were made to. */
    @Override
    public void close() {
        loop.submit(sessions::end).syncUninterruptibly();
        long end = System.nanoTime() + 3 * bounds.stopping().toNanos();
        while (processes() > 0 && System.nanoTime() < end) {
            loop.schedule(() -> {}, 20, TimeUnit.MILLISECONDS).syncUninterruptibly();
        }
    }
}

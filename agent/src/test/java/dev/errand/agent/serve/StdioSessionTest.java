package dev.errand.agent.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.agent.mcp.McpMessage;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a session keeps. */
class StdioSessionTest {
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    @AfterEach
    void stop() {
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    @Test
    void waitingRequest_doesNotKeepItsMessage() throws Exception {
        EventLoop loop = (EventLoop) loops.next();
        CountDownLatch gone = new CountDownLatch(1);
        StdioSession.Lifecycle life = new StdioSession.Lifecycle() {
            @Override
            public void ended(StdioSession session, String why) {}

            @Override
            public void gone() {
                gone.countDown();
            }

            @Override
            public void badLine() {}
        };
        StdioSession session = new StdioSession(
                "s",
                loop,
                List.of("sh", "-c", "cat > /dev/null"),
                Bounds.DEFAULT,
                new LongLines(1, Duration.ofDays(1)),
                life);
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
        McpAnswer answer = new McpAnswer(channel.pipeline().firstContext(), true, () -> {});
        ReferenceQueue<McpMessage> collectedMessages = new ReferenceQueue<>();
        WeakReference<McpMessage> message = loop.submit(() -> {
                    McpMessage large = McpMessage.parse("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
                            + "\"params\":{\"_meta\":{\"progressToken\":1},\"text\":\"" + "x".repeat(1 << 20) + "\"}}");
                    session.post(large, answer);
                    return new WeakReference<>(large, collectedMessages);
                })
                .get();
        Reference<?> collected = null;
        for (int i = 0; i < 60 && collected == null; i++) {
            System.gc();
            collected = collectedMessages.remove(1_000);
        }
        assertThat(collected).isSameAs(message);
        assertThat(loop.submit(session::unused).get()).as("the request waits").isEqualTo(Duration.ZERO);
        loop.submit(() -> session.end("over")).get();
        assertThat(channel.<Object>readOutbound()).isNotNull();
        assertThat(gone.await(60, TimeUnit.SECONDS)).isTrue();
        channel.finishAndReleaseAll();
    }
}

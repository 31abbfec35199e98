package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.agent.call.OwnAnswer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How long a connection of a tool may say nothing, and which one gives its place to a further one. */
class OpenToolsTest {
    private static final class Own implements OwnService {
        @Override
        public boolean isAt(String target) {
            return true;
        }

        @Override
        public FullHttpResponse answer(HttpRequest request, byte[] body) {
            return OwnAnswer.notFound();
        }
    }

    private static EmbeddedChannel tool() {
        return tool(new OpenTools());
    }

    private static EmbeddedChannel tool(OpenTools open) {
        return tool(open, new ListenerSettings(Mount.of("/s", ""), Guard.NONE, new Own()));
    }

    /** A connection for which every path but those below {@code /s} is unknown. */
    private static EmbeddedChannel stranger(OpenTools open) {
        return tool(open, new ListenerSettings(Mount.of("/s", ""), Guard.NONE, null));
    }

    private static EmbeddedChannel tool(OpenTools open, ListenerSettings door) {
        OpenTools.Watch silence = open.watch();
        ToolEncoder encoder = new ToolEncoder();
        EmbeddedChannel tool = new EmbeddedChannel();
        tool.freezeTime();
        tool.pipeline().addLast(silence, encoder, new ToolConnection(null, door, encoder, silence));
        tool.pipeline().fireChannelActive();
        return tool;
    }

    /** A whole call with its answer. */
    private static void call(EmbeddedChannel tool) {
        begin(tool);
        tool.writeInbound(LastHttpContent.EMPTY_LAST_CONTENT);
    }

    /** A call whose request is not whole. */
    private static void begin(EmbeddedChannel tool) {
        tool.writeInbound(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"));
    }

    private static boolean isOpenAfter(EmbeddedChannel tool, int seconds) {
        tool.advanceTimeBy(seconds, TimeUnit.SECONDS);
        tool.runScheduledPendingTasks();
        return tool.isOpen();
    }

    @Test
    void connection_withoutARequest_isClosed() {
        EmbeddedChannel tool = tool();
        assertThat(isOpenAfter(tool, 29)).isTrue();
        assertThat(isOpenAfter(tool, 2)).isFalse();
    }

    @Test
    void connection_withoutItsNextRequest_isClosed() {
        EmbeddedChannel tool = tool();
        for (int i = 0; i < 3; i++) {
            call(tool);
            assertThat(isOpenAfter(tool, 119)).isTrue();
        }
        assertThat(isOpenAfter(tool, 2)).isFalse();
        tool.releaseOutbound();
    }

    /** Whoever does not know the secret keeps no place by a body that never comes. */
    @Test
    void furtherConnection_takesThePlaceOfOneThatWasDismissed() {
        OpenTools open = new OpenTools(2);
        EmbeddedChannel[] strangers = {stranger(open), stranger(open)};
        for (EmbeddedChannel stranger : strangers) {
            stranger.writeInbound(new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.POST, "/wrong"));
            assertThat(stranger.isOpen()).as("its answer is sent first").isTrue();
        }
        assertThat(tool(open).isOpen()).isTrue();
        assertThat(strangers).extracting(EmbeddedChannel::isOpen).containsExactly(false, true);
        strangers[0].releaseOutbound();
        strangers[1].releaseOutbound();
    }

    @Test
    void furtherConnection_takesThePlaceOfTheOldestSilentOne_andThenOfTheLongestIdleOne() {
        OpenTools open = new OpenTools(4);
        EmbeddedChannel[] tools = {tool(open), tool(open), tool(open), tool(open)};
        call(tools[2]);
        call(tools[0]);
        begin(tools[3]);

        assertThat(tool(open).isOpen()).isTrue();
        assertThat(tools[1].isOpen()).as("the only silent one").isFalse();
        EmbeddedChannel newest = tool(open);
        begin(newest);
        assertThat(tools).extracting(EmbeddedChannel::isOpen).containsExactly(true, false, true, true);
        begin(tool(open));
        assertThat(tools[2].isOpen()).as("idle for longest").isFalse();
        begin(tool(open));
        assertThat(tools[0].isOpen()).as("idle").isFalse();

        assertThat(tool(open).isOpen()).as("all others have a call").isFalse();
        assertThat(tools[3].isOpen()).isTrue();
        assertThat(newest.isOpen()).isTrue();
        newest.close();
        assertThat(tool(open).isOpen()).isTrue();
        assertThat(tool(open).isOpen()).as("the silent one before it went").isTrue();
        tools[0].releaseOutbound();
        tools[2].releaseOutbound();
    }
}

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

/** How long a connection of a tool may say nothing. */
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
        Door door = new Door(Mount.of("/s", ""), Guard.NONE, new Own());
        OpenTools.Watch silence = new OpenTools().watch();
        ToolEncoder encoder = new ToolEncoder();
        EmbeddedChannel tool = new EmbeddedChannel();
        tool.freezeTime();
        tool.pipeline().addLast(silence, encoder, new ToolConnection(null, door, encoder, silence));
        tool.pipeline().fireChannelActive();
        return tool;
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
            tool.writeInbound(
                    new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"),
                    LastHttpContent.EMPTY_LAST_CONTENT);
            assertThat(isOpenAfter(tool, 119)).isTrue();
        }
        assertThat(isOpenAfter(tool, 2)).isFalse();
        tool.releaseOutbound();
    }
}

package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What counts as progress of a client that the gateway writes to. */
class UnsentBytesTest {
    /** A channel whose client takes as many bytes as the test says. */
    private static final class Slow extends EmbeddedChannel {
        private int takes;

        @Override
        protected void doWrite(ChannelOutboundBuffer buffer) {
            int taken = takes;
            takes = 0;
            if (taken > 0) {
                buffer.removeBytes(taken);
            }
        }

        void answer(int bytes) {
            writeAndFlush(Unpooled.wrappedBuffer(new byte[bytes]));
        }

        void take(int bytes) {
            takes = bytes;
            flush();
        }
    }

    private final Slow channel = new Slow();
    private UnsentBytes unsent;

    @BeforeEach
    void answer() {
        channel.answer(100);
        assertThat(UnsentBytes.isAny(channel)).isTrue();
        unsent = new UnsentBytes(channel, 1);
    }

    @AfterEach
    void close() {
        channel.close();
    }

    @Test
    void clientThatTakesNothing_makesNoProgress_whateverTheGatewayWrites() {
        assertThat(unsent.sinceNanos(2)).isEqualTo(1);
        for (int now = 3; now < 20; now++) {
            channel.answer(now);
            assertThat(unsent.sinceNanos(now)).isEqualTo(1);
        }
    }

    @Test
    void partOfTheFirstMessage_isProgress() {
        channel.take(1);
        assertThat(unsent.sinceNanos(2)).isEqualTo(2);
        assertThat(unsent.sinceNanos(3)).isEqualTo(2);
        channel.take(98);
        assertThat(unsent.sinceNanos(4)).isEqualTo(4);
    }

    @Test
    void wholeMessage_isProgress_evenIfTheGatewayWroteMore() {
        channel.answer(10);
        channel.take(100);
        channel.answer(500);
        assertThat(unsent.sinceNanos(2)).isEqualTo(2);
        assertThat(unsent.sinceNanos(3)).isEqualTo(2);
    }

    @Test
    void bufferThatIsUsedAgain_isAnotherMessage() {
        ByteBuf buffer = Unpooled.wrappedBuffer(new byte[50]);
        channel.writeAndFlush(buffer.retain());
        channel.writeAndFlush(buffer);
        channel.take(100);
        assertThat(unsent.sinceNanos(2)).isEqualTo(2);
        channel.take(50);
        assertThat(unsent.sinceNanos(3)).isEqualTo(3);
    }

    @Test
    void lessThanAtTheLastLook_isProgress_evenIfItIsMoreThanAtFirst() {
        channel.answer(300);
        assertThat(unsent.sinceNanos(2)).isEqualTo(1);
        channel.take(100);
        assertThat(unsent.sinceNanos(3)).isEqualTo(3);
    }
}

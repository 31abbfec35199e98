package dev.errand.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.NettyPipeline;

/** Which connection makes room for a new one, and what begins the wait for a head on a kept one. */
class OpenConnectionsTest {
    private static final long HEADER_MILLIS = 80;

    private final ServerBounds bounds = bounds(Duration.ofMillis(HEADER_MILLIS));
    private final Closings closings = new Closings(new SimpleMeterRegistry(), "operator");
    private final OpenConnections connections = new OpenConnections();
    private final List<EmbeddedChannel> opened = new ArrayList<>();

    private static ServerBounds bounds(Duration header) {
        return new ServerBounds(header.toNanos(), Duration.ofMinutes(1).toNanos(), 0, 0, 256, 0, true);
    }

    private EmbeddedChannel open() {
        return open(bounds);
    }

    private EmbeddedChannel open(ServerBounds bounds) {
        EmbeddedChannel channel = new EmbeddedChannel(new HttpServerCodec());
        channel.pipeline().addLast(NettyPipeline.HttpTrafficHandler, new ChannelDuplexHandler());
        ClientWatch.on(channel.pipeline(), bounds, closings, new GracefulClose());
        connections.add(channel);
        opened.add(channel);
        return channel;
    }

    @AfterEach
    void close() {
        opened.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    private static void send(EmbeddedChannel channel, String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.US_ASCII));
    }

    private static void answer(EmbeddedChannel channel) {
        channel.writeOutbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT));
    }

    private boolean makesRoom() {
        boolean made = connections.closeOldestQuiet();
        opened.forEach(EmbeddedChannel::runPendingTasks);
        return made;
    }

    @Test
    void oldestConnection_withoutARequestUnderWay_makesRoom() {
        // No deadline ends a connection before the test does.
        ServerBounds patient = bounds(Duration.ofMinutes(1));
        EmbeddedChannel asking = open(patient);
        EmbeddedChannel silent = open(patient);
        EmbeddedChannel begun = open(patient);
        EmbeddedChannel answered = open(patient);
        send(asking, "GET /actuator/health HTTP/1.1\r\n\r\n");
        send(begun, "GET /actu");
        // Answered before its body has come, which never comes.
        send(answered, "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n");
        answer(answered);

        assertThat(makesRoom()).isTrue();
        assertThat(silent.isOpen()).isFalse();
        assertThat(begun.isOpen()).isTrue();
        assertThat(makesRoom()).isTrue();
        assertThat(begun.isOpen()).isFalse();
        assertThat(makesRoom()).isTrue();
        assertThat(answered.isOpen()).isFalse();
        assertThat(makesRoom())
                .as("only the one whose request is under way is left")
                .isFalse();
        assertThat(asking.isOpen()).isTrue();

        answer(asking);
        assertThat(makesRoom()).isTrue();
        assertThat(asking.isOpen()).isFalse();
        assertThat(makesRoom()).isFalse();
    }

    @Test
    void connection_thatWasClosed_isNotKept() {
        open().close();
        EmbeddedChannel second = open();
        assertThat(makesRoom()).isTrue();
        assertThat(second.isOpen()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n", "\n", "\r\n\r\n"})
    void lineEnds_behindARequest_beginNoWaitForAHead(String ends) throws Exception {
        EmbeddedChannel kept = kept();
        send(kept, ends);
        TimeUnit.MILLISECONDS.sleep(3 * HEADER_MILLIS);
        kept.runScheduledPendingTasks();
        assertThat(kept.isOpen()).isTrue();
        send(kept, "GET / HTTP/1.1\r\n\r\n");
        assertThat(ClientWatch.hasRequest(kept.pipeline())).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "\r\nG"})
    void firstByte_behindARequest_beginsTheWaitForAHead(String bytes) throws Exception {
        EmbeddedChannel kept = kept();
        send(kept, bytes);
        TimeUnit.MILLISECONDS.sleep(3 * HEADER_MILLIS);
        kept.runScheduledPendingTasks();
        assertThat(kept.isOpen()).isFalse();
    }

    private EmbeddedChannel kept() {
        EmbeddedChannel kept = open();
        send(kept, "GET / HTTP/1.1\r\n\r\n");
        answer(kept);
        return kept;
    }
}

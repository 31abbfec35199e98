package dev.errand.web.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.netty.Connection;
import reactor.netty.NettyPipeline;
import reactor.netty.http.client.HttpClient;

class AnswerDecoderTest {
    private static final String EVIL = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL";
    private static final String CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private static EmbeddedChannel connection() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpClientCodec());
        wire().prepare(channel);
        return channel;
    }

    private static UpstreamWire wire() {
        return new UpstreamWire(HttpClient.create().configuration().decoder());
    }

    private static void ask(EmbeddedChannel channel, String method, String... upgrade) {
        DefaultFullHttpRequest request = new DefaultFullHttpRequest(
                HttpVersion.HTTP_1_1, HttpMethod.valueOf(method), "/", Unpooled.EMPTY_BUFFER);
        for (String protocol : upgrade) {
            request.headers().set("Upgrade", protocol);
        }
        channel.writeOutbound(request);
        for (Object sent = channel.readOutbound(); sent != null; sent = channel.readOutbound()) {
            ReferenceCountUtil.release(sent);
        }
    }

    /** Unless the connection was closed meanwhile. */
    private static void send(EmbeddedChannel channel, String bytes) {
        if (!channel.isOpen()) {
            return;
        }
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    }

    /** What went on: the status of a head, the bytes of a body, and a full stop for each end. */
    private static String told(EmbeddedChannel channel) {
        StringBuilder told = new StringBuilder();
        for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
            if (part instanceof HttpResponse head) {
                told.append(
                                head.decoderResult().isFailure()
                                        ? "bad"
                                        : head.status().code())
                        .append(' ');
            }
            if (part instanceof HttpContent content) {
                told.append(content.content().toString(StandardCharsets.ISO_8859_1));
            }
            if (part instanceof ByteBuf bytes) {
                told.append(bytes.toString(StandardCharsets.ISO_8859_1));
            }
            if (part instanceof LastHttpContent last) {
                told.append(last.decoderResult().isFailure() ? "!" : ".");
            }
            ReferenceCountUtil.release(part);
        }
        return told.toString();
    }

    private static boolean isPersistent(EmbeddedChannel channel) {
        return channel.isOpen() && Connection.from(channel).isPersistent();
    }

    /** Method, what the upstream sends, what goes on, and whether the connection may be used again. */
    private record Case(String method, String sent, String told, boolean reused) {}

    static Stream<Case> cases() {
        return Stream.of(
                new Case("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "200 hello.", true),
                new Case("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200 .", true),
                new Case("GET", CHUNKED + "5\r\nhello\r\n0\r\n\r\n", "200 hello.", true),
                new Case("GET", CHUNKED + "5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n", "200 hello.", true),
                new Case("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204 .", true),
                new Case("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", "204 .", true),
                new Case("GET", "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", "204 .", false),
                new Case("GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "204 .", false),
                new Case("GET", "HTTP/1.1 304 Not Modified\r\n\r\n", "304 .", true),
                new Case("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", "304 .", false),
                new Case("HEAD", "HTTP/1.1 200 OK\r\n\r\n", "200 .", true),
                new Case("HEAD", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404 .", true),
                new Case("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", "200 .", false),
                new Case("HEAD", CHUNKED, "200 .", false),
                new Case("HEAD", "HTTP/1.1 200 OK\r\n\r\n" + EVIL, "200 .", false),
                new Case("HEAD", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 O", "200 .", false),
                new Case("HEAD", "HTTP/1.1 200 OK\r\n\r\n\r\n", "200 .", false),
                new Case("GET", "HTTP/1.1 204 No Content\r\n\r\n" + EVIL, "204 .", false),
                new Case("GET", "HTTP/1.1 304 Not Modified\r\n\r\nx", "304 .", false),
                new Case("GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" + EVIL, "200 hello.", false),
                new Case("GET", CHUNKED + "5\r\nhello\r\n0\r\n\r\nE", "200 hello.", false),
                new Case(
                        "GET",
                        "HTTP/1.1 103 Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + EVIL,
                        "200 EVIL.",
                        true),
                new Case("HEAD", "HTTP/1.1 103 H\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "200 .", true),
                new Case("GET", "HTTP/1.1 101 Switch\r\nUpgrade: x\r\n\r\n" + EVIL, "", false),
                new Case("GET", "HTTP/1.1 101 Switch\r\n\r\n", "", false),
                new Case("GET", "garbage\r\n\r\n" + EVIL, "", false),
                new Case("GET", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n" + EVIL, "", false),
                new Case("CONNECT", "HTTP/1.1 200 OK\r\n\r\n" + EVIL, "200 .", false),
                new Case("CONNECT", "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno", "403 no.", true));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void answer_howeverItsBytesArrive_isReadAlike(Case one) {
        int length = one.sent().length();
        List<int[]> cuts = new ArrayList<>();
        cuts.add(new int[0]);
        cuts.add(IntStream.range(1, length).toArray());
        IntStream.range(1, length).forEach(at -> cuts.add(new int[] {at}));
        Random random = new Random(7);
        for (int i = 0; i < 50; i++) {
            cuts.add(random.ints(4, 1, length).sorted().distinct().toArray());
        }
        for (int[] cut : cuts) {
            EmbeddedChannel channel = connection();
            ask(channel, one.method());
            int from = 0;
            for (int at : cut) {
                send(channel, one.sent().substring(from, at));
                from = at;
            }
            send(channel, one.sent().substring(from));
            assertThat(told(channel)).as("cut at %s", cut).isEqualTo(one.told());
            assertThat(isPersistent(channel)).as("cut at %s", cut).isEqualTo(one.reused());
            if (one.reused()) {
                ask(channel, "GET");
                send(channel, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmine");
                assertThat(told(channel)).isEqualTo("200 mine.");
            }
            channel.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\r\n", "HTTP/1.1 408 Request Timeout\r\n\r\n", "HTTP/1.1 103 H\r\n\r\n"})
    void bytes_thatComeWhileNothingIsAsked_closeTheConnection(String bytes) {
        for (boolean before : List.of(true, false)) {
            EmbeddedChannel channel = connection();
            if (!before) {
                ask(channel, "GET");
                send(channel, "HTTP/1.1 204 No Content\r\n\r\n");
                assertThat(told(channel)).isEqualTo("204 .");
            }
            send(channel, bytes);
            assertThat(channel.isOpen()).isFalse();
            assertThat(told(channel)).isEmpty();
        }
    }

    @Test
    void bytes_thatCameBeforeTheFirstRequest_closeTheConnection() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpClientCodec());
        send(channel, "HTTP/1.1 200 OK\r\nContent-Le");
        wire().prepare(channel);
        assertThat(channel.isOpen()).isFalse();
        assertThat(told(channel)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"32, 200 EVIL., true", "33, '', false"})
    void interimAnswers_areBoundedForEachRequest(int many, String told, boolean open) {
        EmbeddedChannel channel = connection();
        for (int round = 0; round < 2 && channel.isOpen(); round++) {
            ask(channel, "GET");
            for (int i = 0; i < many; i++) {
                send(channel, "HTTP/1.1 103 Early Hints\r\n\r\n");
            }
            send(channel, EVIL);
            assertThat(told(channel)).isEqualTo(told);
            assertThat(channel.isOpen()).isEqualTo(open);
        }
    }

    /** A channel that reads only when it is told to. */
    @Test
    void interimAnswer_isNotTheEndOfReading() {
        int[] reads = new int[1];
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(new io.netty.channel.ChannelOutboundHandlerAdapter() {
            @Override
            public void read(io.netty.channel.ChannelHandlerContext context) {
                reads[0]++;
                context.read();
            }
        });
        channel.pipeline().addLast(NettyPipeline.HttpCodec, new HttpClientCodec());
        wire().prepare(channel);
        channel.config().setAutoRead(false);
        ask(channel, "GET");
        int before = reads[0];
        send(channel, "HTTP/1.1 103 Early Hints\r\n\r\n");
        assertThat(reads[0]).isGreaterThan(before);
        send(channel, EVIL);
        assertThat(told(channel)).isEqualTo("200 EVIL.");
    }

    @Test
    void switchOfProtocols_thatWasAskedFor_passesWithWhatFollows() {
        EmbeddedChannel channel = connection();
        ask(channel, "GET", "websocket");
        send(channel, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nframes");
        assertThat(told(channel)).startsWith("101 ").endsWith("frames");
        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void answer_thatEndsWithItsConnection_isWholeAndOneThatIsCutIsNot() {
        EmbeddedChannel channel = connection();
        ask(channel, "GET");
        send(channel, "HTTP/1.1 200 OK\r\n\r\nhello");
        channel.close();
        assertThat(told(channel)).isEqualTo("200 hello.");
        for (String cut : List.of("HTTP/1.1 200 OK\r\nX: y", "HTTP/1.1 2", CHUNKED + "5\r\nhe")) {
            EmbeddedChannel broken = connection();
            ask(broken, "GET");
            send(broken, cut);
            broken.close();
            assertThat(told(broken)).doesNotContain("bad", ".");
        }
    }
}

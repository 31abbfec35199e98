package dev.errand.web.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import org.junit.jupiter.api.Test;

class StreamAnswersTest {
    private final EmbeddedChannel stream = new EmbeddedChannel(new StreamAnswers());

    private DefaultFullHttpResponse interim(int status) {
        DefaultFullHttpResponse answer =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
        stream.writeInbound(answer);
        return answer;
    }

    @Test
    void interimAnswers_areDroppedAndReleased_theAnswerPasses() {
        assertThat(interim(103).refCnt()).isZero();
        assertThat(interim(102).refCnt()).isZero();
        assertThat(stream.<Object>readInbound()).isNull();
        HttpResponse answer = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        stream.writeInbound(answer);
        assertThat(stream.<Object>readInbound()).isSameAs(answer);
        assertThat(stream.isOpen()).isTrue();
    }

    @Test
    void oneTooMany_andASwitchOfProtocols_endTheStream() {
        for (int i = 0; i < AnswerDecoder.MAX_INTERIM; i++) {
            interim(103);
        }
        assertThat(stream.isOpen()).isTrue();
        interim(103);
        assertThat(stream.isOpen()).isFalse();
        EmbeddedChannel other = new EmbeddedChannel(new StreamAnswers());
        other.writeInbound(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.SWITCHING_PROTOCOLS));
        assertThat(other.isOpen()).isFalse();
        assertThat(other.<Object>readInbound()).isNull();
    }
}

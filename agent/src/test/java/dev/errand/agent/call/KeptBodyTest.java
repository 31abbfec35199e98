package dev.errand.agent.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptBodyTest {
    private static HttpHeaders length(int length) {
        return new DefaultHttpHeaders().set("Content-Length", length);
    }

    @Test
    void bodies_haveOneBoundTogether() {
        KeptBodyMemory memory = new KeptBodyMemory();
        List<KeptBody> kept = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            kept.add(new KeptBody(memory, length(KeptBody.MOST)));
        }
        assertThat(kept).allMatch(KeptBody::isRepeatable);
        KeptBody further = new KeptBody(memory, length(1));
        KeptBody chunked = new KeptBody(memory, new DefaultHttpHeaders().set("Transfer-Encoding", "chunked"));
        DefaultHttpContent part = new DefaultHttpContent(Unpooled.wrappedBuffer(new byte[10]));
        chunked.add(part);
        assertThat(further.isRepeatable()).isFalse();
        assertThat(chunked.isKept()).isFalse();
        assertThat(part.refCnt()).isEqualTo(1);
        kept.get(0).forget();
        kept.get(0).forget();
        assertThat(new KeptBody(memory, length(KeptBody.MOST)).isRepeatable()).isTrue();
        assertThat(new KeptBody(memory, length(1)).isRepeatable()).isFalse();
    }
}

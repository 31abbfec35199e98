package dev.errand.agent.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.agent.call.AwsChunks.MalformedChunksException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsChunksTest {
    private static final String SIGNED = "5;chunk-signature=ab\r\nhello\r\n6;chunk-signature=cd\r\n world\r\n"
            + "0;chunk-signature=ef\r\nx-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:00\r\n\r\n";

    private static String decode(AwsChunks chunks, String text, int step) throws MalformedChunksException {
        StringBuilder out = new StringBuilder();
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bytes.length; i += step) {
            ByteBuf part = Unpooled.copiedBuffer(bytes, i, Math.min(step, bytes.length - i));
            for (ByteBuf piece : chunks.decode(part)) {
                out.append(piece.toString(StandardCharsets.ISO_8859_1));
                piece.release();
            }
            assertThat(part.release()).isTrue();
        }
        chunks.end();
        return out.toString();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void chunks_areDecoded_howeverTheyCome(int step) throws Exception {
        AwsChunks chunks = new AwsChunks(11);
        assertThat(decode(chunks, SIGNED, step)).isEqualTo("hello world");
        assertThat(chunks.trailers()).containsEntry("x-amz-checksum-crc32", "AAAAAA==");
    }

    @Test
    void emptyBody_isDecoded() throws Exception {
        assertThat(decode(new AwsChunks(0), "0\r\n\r\n", 9)).isEmpty();
        assertThat(decode(new AwsChunks(0), "0\r\n", 9)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "5|hello|0, 6",
        "5|hello|0, 4",
        "5|hello, 5",
        "5|hell, 5",
        "5|helloo|0, 5",
        "x|hello|0, 5",
        "-5|hello|0, 5",
        "fffffffffffffff|hello, 5",
        "5|hello|0|a trailer without a colon|, 5",
        "5|hello|0||more, 5"
    })
    void malformedBodies_areRefused(String lines, long length) {
        String text = lines.replace("|", "\r\n") + "\r\n";
        assertThatThrownBy(() -> decode(new AwsChunks(length), text, 1000))
                .isInstanceOf(MalformedChunksException.class);
    }
}

package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8TextTest {
    private static String text(Utf8Text made) {
        return new String(made.toBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void text_whileOneIsMade_isWrittenElsewhere() {
        Utf8Text outer = new Utf8Text().append("outer ");
        Utf8Text inner = new Utf8Text().append("inner");
        assertThat(text(inner)).isEqualTo("inner");
        assertThat(text(outer.append("goes on"))).isEqualTo("outer goes on");
    }

    @Test
    void text_afterAnother_beginsEmpty() {
        text(new Utf8Text().append("secret"));
        assertThat(text(new Utf8Text())).isEmpty();
    }

    @Test
    void read_showsTheText_alsoWhileAnotherIsMade_andEndsIt() {
        Utf8Text outer = new Utf8Text().append("outer");
        String seen = outer.read((bytes, length) -> {
            String inner = text(new Utf8Text().append("inner"));
            return inner + " " + new String(bytes, 0, length, StandardCharsets.UTF_8);
        });
        assertThat(seen).isEqualTo("inner outer");
        assertThat(text(outer)).isEmpty();
        assertThat(text(new Utf8Text().append("next"))).isEqualTo("next");
    }

    @Test
    void text_ofManyBytes_isWhole() {
        assertThat(text(new Utf8Text().append("x".repeat(100_000)).ascii("y"))).hasSize(100_001);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00e9", "a\u202eb", "\ud83d\ude00", "\u007f", "half \ud83d"})
    void append_ofOtherThanAscii_isUtf8(String other) {
        assertThat(new Utf8Text().append(other).append('!').toBytes())
                .isEqualTo((other + '!').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void text_thatIsEnded_writesIntoNoOther() {
        Utf8Text ended = new Utf8Text().append("once");
        assertThat(text(ended)).isEqualTo("once");
        Utf8Text next = new Utf8Text().append("next");
        ended.append("more");
        assertThat(text(next)).isEqualTo("next");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 64, 3_000, 40_000})
    void base64Url_standsBehindWhatWasWritten(int size) {
        byte[] data = new byte[size];
        Arrays.fill(data, (byte) 0xfb);
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(data);
        Utf8Text made = new Utf8Text().append("head.").base64Url(data).append('.');
        assertThat(made.<String>readSoFar((bytes, length) -> new String(bytes, 0, length, StandardCharsets.UTF_8)))
                .isEqualTo("head." + encoded + ".");
        assertThat(text(made.base64Url(data))).isEqualTo("head." + encoded + "." + encoded);
    }
}

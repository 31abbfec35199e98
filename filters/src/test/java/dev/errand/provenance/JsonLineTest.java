package dev.errand.provenance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonLineTest {
    private static String text(JsonLine line) {
        return new String(line.toBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void line_withinAnother_isWrittenElsewhere() {
        JsonLine outer = new JsonLine().open('{').member("a", "outer");
        JsonLine inner = new JsonLine().open('{').member("b", "inner").close('}');
        assertThat(text(inner)).isEqualTo("{\"b\":\"inner\"}");
        JsonLine next = new JsonLine().open('{').member("c", "next").close('}');
        assertThat(text(outer.member("d", 1).close('}'))).isEqualTo("{\"a\":\"outer\",\"d\":1}");
        assertThat(text(next)).isEqualTo("{\"c\":\"next\"}");
    }

    @Test
    void line_thatIsEnded_writesIntoNoOther() {
        JsonLine ended = new JsonLine().text("one");
        assertThat(text(ended)).isEqualTo("\"one\"");
        JsonLine next = new JsonLine().text("next");
        ended.text("more");
        assertThat(text(ended)).isEqualTo("\"more\"");
        assertThat(text(ended)).isEmpty();
        assertThat(text(next)).isEqualTo("\"next\"");
    }
}

package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonString;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonWriterTest {
    private static String text(JsonWriter line) {
        return new String(line.toBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void line_withinAnother_isWrittenElsewhere() {
        JsonWriter outer = JsonWriter.ofLine().object().member("a", "outer");
        JsonWriter inner = JsonWriter.ofLine().object().member("b", "inner").end();
        assertThat(text(inner)).isEqualTo("{\"b\":\"inner\"}");
        JsonWriter next = JsonWriter.ofLine().object().member("c", "next").end();
        assertThat(text(outer.member("d", 1).end())).isEqualTo("{\"a\":\"outer\",\"d\":1}");
        assertThat(text(next)).isEqualTo("{\"c\":\"next\"}");
    }

    @Test
    void line_thatIsEnded_writesIntoNoOther() {
        JsonWriter ended = JsonWriter.ofLine().value("one");
        assertThat(text(ended)).isEqualTo("\"one\"");
        JsonWriter next = JsonWriter.ofLine().value("next");
        ended.value("more");
        assertThat(text(ended)).isEqualTo("\"more\"");
        assertThat(text(ended)).isEmpty();
        assertThat(text(next)).isEqualTo("\"next\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plain",
                "",
                "\b\t\n\f\r\u0000\u001f\u007f\u0080",
                "\"\\/",
                "\u00e9\u07ff\u0800\uffff\u202e",
                "\ud83d\ude00 \udbff\udfff",
                "half \ud83d and \ude00",
                "\ud83d"
            })
    void string_ofAWholeText_isWrittenAsJcsDoes(String value) {
        assertThat(new JsonWriter().value(value).toBytes()).isEqualTo(Jcs.canonicalBytes(new JsonString(value)));
        String longer = "x".repeat(9_000) + value;
        assertThat(new JsonWriter().value(longer).toBytes()).isEqualTo(Jcs.canonicalBytes(new JsonString(longer)));
    }

    @Test
    void textGoesOn_behindItsBeginning() {
        byte[] begun = new JsonWriter().object().member("a", "1").toBytes();
        assertThat(text(JsonWriter.continuing(begun).member("b", 2).end())).isEqualTo("{\"a\":\"1\",\"b\":2}");
        byte[] opened = new JsonWriter().object().toBytes();
        assertThat(text(JsonWriter.continuing(opened).member("b", true).end())).isEqualTo("{\"b\":true}");
    }

    @Test
    void elementsAndMembers_areSeparated() {
        JsonWriter json =
                new JsonWriter().object().name("list").array().element("a").elementObject();
        json.end()
                .elementObject()
                .member("n", (String) null)
                .end()
                .endArray()
                .foreignName("q\"")
                .literal("1");
        assertThat(text(json.end())).isEqualTo("{\"list\":[\"a\",{},{\"n\":null}],\"q\\\"\":1}");
    }
}

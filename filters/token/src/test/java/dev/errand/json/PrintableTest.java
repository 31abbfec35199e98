package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonString;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "spiffe://example.org/agent/a",
                "caf\u00e9 \u6771\u4eac \ud83d\ude00",
                "a\\u000ab",
                "\"quoted\""
            })
    void line_ofPlainText_isTheText(String text) {
        assertThat(Printable.line(text)).isEqualTo(text);
    }

    @Test
    void line_ofControlsBidiAndWhatIsNotSeen_isEscaped() {
        assertThat(Printable.line("a\nb\r\t\u0000\u001b[2K\u007f\u0085"))
                .isEqualTo("a\\u000ab\\u000d\\u0009\\u0000\\u001b[2K\\u007f\\u0085");
        assertThat(Printable.line("\u202e\u2066\u061c\u2028\u2029\u200b\ufeff\u00ad\u2065"))
                .isEqualTo("\\u202e\\u2066\\u061c\\u2028\\u2029\\u200b\\ufeff\\u00ad\\u2065");
        // A tag character, which lies beyond the basic plane, and the two halves of a pair apart.
        assertThat(Printable.line("x\udb40\udc41y")).isEqualTo("x\\udb40\\udc41y");
        assertThat(Printable.line("\udc00x\ud800")).isEqualTo("\\udc00x\\ud800");
        assertThat(Printable.line(null)).isEqualTo("null");
    }

    /** Default_Ignorable_Code_Point beyond the category Cf, and the blank of Braille. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180e, 0x180f, 0x2800, 0x3164, 0xfe00, 0xfe0f, 0xffa0,
                0xfff0, 0x2065, 0x1bca0, 0x1d173, 0xe0000, 0xe0100, 0xe0fff
            })
    void line_ofACharacterThatIsNotSeen_isEscaped(int point) {
        StringBuilder escaped = new StringBuilder("a");
        for (char c : Character.toChars(point)) {
            escaped.append(String.format("\\u%04x", (int) c));
        }
        assertThat(Printable.line("a" + Character.toString(point) + "b")).isEqualTo(escaped + "b");
        assertThat(Printable.line("a" + Character.toString(point), 100)).isEqualTo(escaped.toString());
    }

    /** The neighbours of what is not seen, Hangul, an ideograph and an emoji. */
    @ParameterizedTest
    @ValueSource(
            ints = {
                0xac, 0xae, 0x34e, 0x350, 0x115e, 0x1161, 0x17b3, 0x17b6, 0x180a, 0x1810, 0x27ff, 0x2801, 0x3163,
                0x3165, 0xfdff, 0xfe10, 0xff9f, 0xffa1, 0xfffc, 0x1bca4, 0x1d172, 0x1f600, 0x20000
            })
    void line_ofACharacterThatIsSeen_isTheText(int point) {
        assertThat(Printable.line(Character.toString(point))).isEqualTo(Character.toString(point));
    }

    @Test
    void line_ofEveryCharacter_holdsNoneThatIsEscaped() {
        IntStream.rangeClosed(0, Character.MAX_CODE_POINT).forEach(point -> {
            String line = Printable.line(Character.toString(point));
            assertThat(line.codePoints().noneMatch(Printable::isEscaped))
                    .as("%x", point)
                    .isTrue();
            boolean endsLine = Character.isISOControl(point) || point == 0x2028 || point == 0x2029;
            boolean turns = Character.getDirectionality(point) >= Character.DIRECTIONALITY_LEFT_TO_RIGHT_EMBEDDING
                    && Character.getDirectionality(point) <= Character.DIRECTIONALITY_POP_DIRECTIONAL_ISOLATE;
            if (endsLine || turns) {
                assertThat(line).as("%x", point).startsWith("\\u");
            }
        });
    }

    @Test
    void line_ofJson_isTheSameJson() throws Exception {
        String text = "a\n\u0085\u202e\u2028\u00ad\udb40\udc41 \"quote\" caf\u00e9";
        String line = Printable.line(Jcs.canonical(new JsonString(text)));
        assertThat(line.codePoints().noneMatch(Printable::isEscaped)).isTrue();
        assertThat(Json.parse(line)).isEqualTo(new JsonString(text));
    }

    @Test
    void quoted_endsNoValueAndIsBounded() {
        assertThat(Printable.quoted("a\" code=permit detail=\"b", 100)).isEqualTo("a\\\" code=permit detail=\\\"b");
        assertThat(Printable.quoted("a\\\" b\n", 100)).isEqualTo("a\\\\\\\" b\\u000a");
        assertThat(Printable.quoted("x".repeat(500), 300)).isEqualTo("x".repeat(300) + "...");
    }

    @Test
    void page_aValueBeginsNoLine() {
        assertThat(new TextPage()
                        .line("agent ", "a\nagent b", ": ", 3, null)
                        .written("as: it\nis\n")
                        .toString())
                .isEqualTo("agent a\\u000aagent b: 3null\nas: it\nis\n");
    }
}

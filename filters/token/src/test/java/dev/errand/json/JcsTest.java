package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JcsTest {
    /** RFC 8785 appendix B: IEEE 754 bits and the number they print as. */
    @ParameterizedTest
    @CsvSource({
        "0000000000000000,0",
        "8000000000000000,0",
        "0000000000000001,5e-324",
        "8000000000000001,-5e-324",
        "7fefffffffffffff,1.7976931348623157e+308",
        "ffefffffffffffff,-1.7976931348623157e+308",
        "4340000000000000,9007199254740992",
        "c340000000000000,-9007199254740992",
        "4430000000000000,295147905179352830000",
        "44b52d02c7e14af5,9.999999999999997e+22",
        "44b52d02c7e14af6,1e+23",
        "44b52d02c7e14af7,1.0000000000000001e+23",
        "444b1ae4d6e2ef4e,999999999999999700000",
        "444b1ae4d6e2ef4f,999999999999999900000",
        "444b1ae4d6e2ef50,1e+21",
        "3eb0c6f7a0b5ed8c,9.999999999999997e-7",
        "3eb0c6f7a0b5ed8d,0.000001",
        "41b3de4355555553,333333333.3333332",
        "41b3de4355555554,333333333.33333325",
        "41b3de4355555555,333333333.3333333",
        "41b3de4355555556,333333333.3333334",
        "41b3de4355555557,333333333.33333343",
        "becbf647612f3696,-0.0000033333333333333333",
        "43143ff3c1cb0959,1424953923781206.2"
    })
    void canonical_numbersOfTheStandard_printAsItSays(String bits, String printed) {
        double value = Double.longBitsToDouble(Long.parseUnsignedLong(bits, 16));

        assertThat(Jcs.canonical(new JsonNumber(new BigDecimal(value).toString())))
                .isEqualTo(printed);
    }

    @Test
    void canonical_exampleOfTheStandard_isItsText() throws Exception {
        // RFC 8785 section 3.2.2
        JsonValue value = Json.parse("{\"numbers\":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"
                + "\"string\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\","
                + "\"literals\":[null,true,false]}");

        assertThat(Jcs.canonical(value))
                .isEqualTo("{\"literals\":[null,true,false],"
                        + "\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
                        + "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
    }

    @Test
    void canonical_keys_areSortedByUtf16() throws Exception {
        // RFC 8785 section 3.2.3
        JsonValue value =
                Json.parse("{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,\"\\u0080\":6,"
                        + "\"\\u00f6\":7}");

        assertThat(Jcs.canonical(value))
                .isEqualTo("{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"\ud83d\ude00\":5,\"\ufb33\":3}");
    }

    @Test
    void canonical_string_escapesOnlyWhatMustBe() {
        assertThat(Jcs.canonical(new JsonString(""))).isEqualTo("\"\"");
        assertThat(Jcs.canonical(new JsonString("\"a\\b\"\n\u0001c\u007f€😀")))
                .isEqualTo("\"\\\"a\\\\b\\\"\\n\\u0001c\u007f€😀\"");
        assertThat(Jcs.canonical(new JsonString("tab\t"))).isEqualTo("\"tab\\t\"");
    }

    @ParameterizedTest
    @CsvSource({
        "0,true",
        "-0,true",
        "007,true",
        "9223372036854775807,true",
        "-9223372036854775808,true",
        "9223372036854775808,false",
        "10000000000000000000,false",
        "-,false",
        "+1,false",
        "1.0,false",
        "1e3,false",
        "١,false"
    })
    void isLong_number_isAnIntegerThatALongHolds(String text, boolean isLong) {
        assertThat(new JsonNumber(text).isLong()).isEqualTo(isLong);
    }

    @ParameterizedTest
    @CsvSource({
        "0.1,true",
        "1e20,true",
        "1E+2,true",
        "-0,true",
        "0e999999999999,true",
        "1.10,true",
        "9007199254740991,true",
        "9007199254740992,true",
        "9007199254740993,false",
        "9007199254740994,true",
        "0.30000000000000004,true",
        "0.1000000000000000055511151231257827,false",
        "1e400,false",
        "-1e999999999999,false",
        "1e-400,false",
        "1e-999999999999,false",
        "5e-324,true",
        "4e-324,false"
    })
    void isAdmissible_number_isAsItsCanonicalFormSays(String text, boolean admissible) {
        assertThat(Jcs.isAdmissible(new JsonNumber(text))).isEqualTo(admissible);
    }

    @ParameterizedTest
    @CsvSource({
        "0,true",
        "17,true",
        "-0.5,true",
        "-2.2250738585072014e-308,true",
        "1e+21,true",
        "9007199254740993,true",
        "-9223372036854775808,true",
        "999999999999999999999,true",
        "1000000000000000000001,false",
        "1e20,false",
        "1E+21,false",
        "100000e-3,false",
        "9007199254740993.0,false",
        "1.0,false",
        "-0,false",
        "+1,false",
        "01,false",
        "' 1',false",
        "0.1000000000000000055511151231257827,false",
        "true,false",
        "'',false"
    })
    void spelled_isANumberInOneWayOnly(String text, boolean spelled) {
        assertThat(Jcs.spelled(text)).isEqualTo(spelled ? new JsonNumber(text) : null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{} 1",
                "{\"a\":1,\"a\":1}",
                "[{\"b\":{\"a\":1,\"\\u0061\":2}}]",
                "01",
                "+1",
                ".5",
                "1.",
                "NaN",
                "'a'",
                "[1,]",
                "\"\\ud800\"",
                "{\"\\udc00\":1}",
                "// c\n1",
                "\"\t\"",
                "{a:1}"
            })
    void parse_notStrictJson_isRefused(String text) {
        assertThatThrownBy(() -> Json.parse(text)).isInstanceOf(MalformedJsonException.class);
    }

    @Test
    void parse_depthAndUtf8_areBounded() throws Exception {
        String deepest = "[".repeat(64) + "]".repeat(64);
        assertThat(Json.parse(deepest)).isNotNull();
        assertThatThrownBy(() -> Json.parse("[" + deepest + "]")).isInstanceOf(MalformedJsonException.class);
        byte[] three = "{\"a\":[[]]}".getBytes(StandardCharsets.UTF_8);
        assertThat(Json.parseObject(three, 3)).isNotNull();
        assertThatThrownBy(() -> Json.parseObject(three, 2)).isInstanceOf(MalformedJsonException.class);
        assertThatThrownBy(() -> Json.parse(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}))
                .isInstanceOf(MalformedJsonException.class);
        byte[] replacement = "\"\uFFFD\"".getBytes(StandardCharsets.UTF_8);
        assertThat(Json.parse(replacement)).isEqualTo(new JsonString("\uFFFD"));
        byte[] surrogate = {'"', (byte) 0xed, (byte) 0xa0, (byte) 0x80, '"'};
        assertThatThrownBy(() -> Json.parse(surrogate)).isInstanceOf(MalformedJsonException.class);
    }
}

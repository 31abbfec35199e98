package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FoldedNamesTest {
    private static final FoldedNames NAMES = FoldedNames.of(List.of("path", "kind", "größe"));

    private static JsonObject with(String member) {
        return new JsonObject(Map.of(member, new JsonString("x")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Path",
                "PATH",
                "pAtH", // letter case
                "\uff50ath",
                "\uff30\uff21\uff34\uff28", // full width
                "\u1d56ath", // a modifier letter
                "\u212aind", // the Kelvin sign
                "K\u0131nd", // i without a dot
                "GRÖSSE",
                "gro\u0308ße",
                "GRO\u0308\u1e9eE" // sharp s, a combining mark
            })
    void lookalike_otherCaseOrForm_isFound(String member) {
        assertThat(NAMES.lookalike(with(member))).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"path", "kind", "größe", "paths", "pat", "", "p\u0430th", "message"})
    void lookalike_theNameItselfOrAnother_isNone(String member) {
        assertThat(NAMES.lookalike(with(member))).isNull();
    }

    @Test
    void lookalike_namesThatDifferOnlyInCase_areBothTheirOwn() {
        FoldedNames both = FoldedNames.of(List.of("path", "Path"));
        assertThat(both.lookalike(with("path"))).isNull();
        assertThat(both.lookalike(with("Path"))).isNull();
        assertThat(both.lookalike(with("PATH"))).isNotNull();
    }

    @Test
    void lookalike_withoutNames_isNone() {
        assertThat(FoldedNames.of(List.of()).lookalike(with("Path"))).isNull();
    }

    @Test
    void areAlike_isTheSameBothWays() {
        for (String[] pair : new String[][] {{"straße", "STRASSE"}, {"\uff50ath", "path"}, {"größe", "GRÖSSE"}}) {
            assertThat(FoldedNames.areAlike(pair[0], pair[1])).as(pair[1]).isTrue();
            assertThat(FoldedNames.areAlike(pair[1], pair[0])).as(pair[1]).isTrue();
        }
        assertThat(FoldedNames.areAlike("path", "paths")).isFalse();
    }
}

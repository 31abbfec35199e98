package dev.errand.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldingTest {
    private static final Folding BOTH = new Folding(true, true);

    @ParameterizedTest
    @CsvSource({
        "Errand/App, errand/app",
        "a//b///c, a/b/c",
        "//a, /a",
        "a//, a/",
        "'', ''",
        "a/b, a/b",
        "ZAz@[`{, zaz@[`{"
    })
    void of_name_isInLowerCaseWithOneSlash(String name, String folded) {
        assertThat(BOTH.of(name)).isEqualTo(folded);
        assertThat(BOTH.of(folded)).isEqualTo(folded);
    }

    @Test
    void of_eachKind_foldsItsOwnOnly() {
        assertThat(new Folding(true, false).of("A//B")).isEqualTo("a//b");
        assertThat(new Folding(false, true).of("A//B")).isEqualTo("A/B");
        assertThat(Folding.NONE.of("A//B")).isEqualTo("A//B");
    }

    @Test
    void ofArguments_foldsTheResourceAlone() throws Exception {
        JsonValue.JsonObject arguments = Json.parseObject("{\"resource\":\"A//b\",\"ref\":\"Main\"}".getBytes());
        assertThat(Jcs.canonical(BOTH.ofArguments(arguments))).isEqualTo("{\"ref\":\"Main\",\"resource\":\"a/b\"}");
        assertThat(Folding.NONE.ofArguments(arguments)).isSameAs(arguments);
    }

    @Test
    void isCertain_beyondAscii_isNotWhereLettersFold() {
        // The Kelvin sign is k in lower case to some servers, and itself to others.
        assertThat(BOTH.isCertain("app\u212a")).isFalse();
        assertThat(BOTH.isCertain("app")).isTrue();
        assertThat(new Folding(false, true).isCertain("app\u212a")).isTrue();
    }
}

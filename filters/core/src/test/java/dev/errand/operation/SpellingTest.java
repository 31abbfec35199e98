package dev.errand.operation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.operation.Normalisation.EncodedSlash;
import dev.errand.operation.Normalisation.TrailingSlash;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpellingTest {
    private static String path(String raw, Normalisation settings) {
        Canonical<CanonicalPath> read = CanonicalPath.parse(raw, settings);
        if (!(read instanceof Canonical.Accepted<CanonicalPath> good)) {
            return "refused";
        }
        CanonicalPath path = good.value();
        return path.text() + " = " + path.join(0, path.size()) + (path.trailingSlash() ? " /" : "");
    }

    private static Normalisation settings(EncodedSlash slash, TrailingSlash trailing, boolean empty) {
        return new Normalisation(slash, trailing, empty, false);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "",
                "*",
                "http://host/a",
                "//a",
                "/a//b",
                "/a/./b",
                "/a/../b",
                "/a/%2e%2e/b",
                "/a/.%2E",
                "/a/%2e",
                "/a;x",
                "/a%3Bx",
                "/a\\b",
                "/a%5Cb",
                "/a%00",
                "/a%1f",
                "/a%7F",
                "/a\u0001",
                "/a%",
                "/a%4",
                "/a%zz",
                "/a%252Fb",
                "/a%252e",
                "/a%25%32%46",
                "/a%2525",
                "/a%c0%af",
                "/a%ff",
                "/a%e2%82",
                "/é",
                "/a b",
                "/a#b",
                "/a\"b",
                "/a|b",
                "/a^b",
                "/a{b}",
                "/a%C2%85"
            })
    void path_underEverySetting_isRefused(String raw) {
        for (EncodedSlash slash : EncodedSlash.values()) {
            for (TrailingSlash trailing : TrailingSlash.values()) {
                assertThat(path(raw, settings(slash, trailing, false))).as(raw).isEqualTo("refused");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/, '/ = '",
        "/a/b, /a/b = a/b",
        "/%61/%7Eb, /a/~b = a/~b",
        "/a%3ab, /a%3ab = a:b",
        "/a:b@c, /a:b@c = a:b@c",
        "/a%20b, /a%20b = a b",
        "/%e2%82%ac, /%e2%82%ac = €",
        "/a%25zz, /a%25zz = a%zz",
        "/.../..a, /.../..a = .../..a"
    })
    void path_good_isCanonicalUnderEverySetting(String raw, String expected) {
        for (EncodedSlash slash : EncodedSlash.values()) {
            for (TrailingSlash trailing : TrailingSlash.values()) {
                assertThat(path(raw, settings(slash, trailing, false))).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "REJECT, refused, refused",
        "LITERAL, /a%2Fb/c = a%2Fb/c, /a%2fb/c = a%2Fb/c",
        "SEPARATOR, /a/b/c = a/b/c, /a/b/c = a/b/c"
    })
    void encodedSlash_isWhatTheSettingSays(EncodedSlash slash, String upper, String lower) {
        Normalisation settings = settings(slash, TrailingSlash.DISTINCT, false);
        assertThat(path("/a%2Fb/c", settings)).isEqualTo(upper);
        assertThat(path("/a%2fb/c", settings)).isEqualTo(lower);
        assertThat(path("/a%2F..%2Fb", settings(EncodedSlash.SEPARATOR, TrailingSlash.DISTINCT, false)))
                .isEqualTo("refused");
        assertThat(path("/a%2F%2Fb", settings(EncodedSlash.SEPARATOR, TrailingSlash.DISTINCT, false)))
                .isEqualTo("refused");
    }

    @ParameterizedTest
    @EnumSource(TrailingSlash.class)
    void trailingSlash_isWhatTheSettingSays(TrailingSlash trailing) {
        String expected = switch (trailing) {
            case DISTINCT -> "/a/b/ = a/b /";
            case IGNORE -> "/a/b = a/b";
            case REJECT -> "refused";
        };
        assertThat(path("/a/b/", settings(EncodedSlash.REJECT, trailing, false)))
                .isEqualTo(expected);
        assertThat(path("/%61/b/", settings(EncodedSlash.REJECT, trailing, false)))
                .isEqualTo(expected);
    }

    @Test
    void emptySegments_literal_areData() {
        Normalisation settings = settings(EncodedSlash.REJECT, TrailingSlash.DISTINCT, true);
        assertThat(path("/a//b/", settings)).isEqualTo("/a//b/ = a//b /");
        assertThat(path("/a/../b", settings)).isEqualTo("refused");
    }

    /** A slash at the end is the setting's of trailing slashes, whatever an empty segment elsewhere is. */
    @ParameterizedTest
    @CsvSource({
        "DISTINCT, /a//b/ = a//b /, /a/b// = a/b/ /, // =  /",
        "IGNORE, /a//b = a//b, refused, refused",
        "REJECT, refused, refused, refused"
    })
    void trailingSlash_besideEmptySegments_isWhatTheSettingSays(
            TrailingSlash trailing, String one, String two, String alone) {
        Normalisation settings = settings(EncodedSlash.REJECT, trailing, true);
        assertThat(path("/a//b/", settings)).isEqualTo(one);
        assertThat(path("/a/b//", settings)).isEqualTo(two);
        assertThat(path("//", settings)).isEqualTo(alone);
        assertThat(path("/a//b", settings)).isEqualTo("/a//b = a//b");
        assertThat(path("/", settings)).isEqualTo("/ = ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a%2F..%2Fb", "/..%2fb", "/a%2F%2e%2e", "/%2E%2Fa", "/a%2F%2e"})
    void dotSegment_betweenEncodedSlashes_isRefusedUnderEverySetting(String raw) {
        for (EncodedSlash slash : EncodedSlash.values()) {
            assertThat(path(raw, settings(slash, TrailingSlash.DISTINCT, false)))
                    .isEqualTo("refused");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "list=true, list=true", "li%73t=%74rue, list=true", "a=1&b, a=1&b", "a=%2F%3b, a=%2F%3b", "a=b/c?d, a=b/c?d",
                "'', ''",
        "a=1;b=2, refused", "a=%zz, refused", "a=%252F, refused", "a=%00, refused", "a=%0a, refused",
                "_method=PUT, refused",
        "_METHOD=PUT, refused", "%5fmethod=PUT, refused", "a=é, refused", "a=b#c, refused", "a=\\, refused",
                "a=%c0%80, refused"
    })
    void query_isCanonicalOrRefused(String raw, String expected) {
        Canonical<CanonicalQuery> read = CanonicalQuery.parse(raw);
        assertThat(
                        read instanceof Canonical.Accepted<CanonicalQuery> good
                                ? good.value().text()
                                : "refused")
                .isEqualTo(expected);
    }

    /** The text is sent as it came, with the empty places. */
    @ParameterizedTest
    @CsvSource({"&a=1, 1", "a=1&, 1", "&, 0", "&&, 0", "'', 0", "a=1&&&b, 2", "a&=&b, 3", "=, 1"})
    void query_nothingBetweenTwoAmpersands_isNoPair(String raw, int pairs) {
        assertThat(CanonicalQuery.parse(raw)).isInstanceOfSatisfying(Canonical.Accepted.class, good -> {
            CanonicalQuery query = (CanonicalQuery) good.value();
            assertThat(query.text()).isEqualTo(raw);
            assertThat(query.size()).isEqualTo(pairs);
        });
    }

    @Test
    void headers_thatOverrideOrAreListed_areRefused() {
        TargetRules rules = new TargetRules(
                Normalisation.DEFAULT,
                HeaderRules.COMMON.with(
                        List.of("X-Vault-Namespace", "Impersonate-Extra-*"), Map.of(), Unlisted.BY_EFFECT));
        for (String name : List.of(
                "X-HTTP-Method-Override",
                "x-http-method",
                "X-Method-Override",
                "X-Original-URL",
                "X-Rewrite-Url",
                "X_HTTP_Method_Override",
                "x-vault-namespace",
                "X_Vault_Namespace",
                "Impersonate-Extra-scopes")) {
            assertThat(rules.refuse("/a", Requests.headers(name, "x"))).as(name).isPresent();
        }
        assertThat(rules.refuse("/a?b=c", Requests.headers("Accept", "x", "Impersonate", "y")))
                .isEmpty();
        assertThat(rules.refuse("/a?_method=x", Requests.headers())).isPresent();
        assertThat(rules.refuse("/a/../b", Requests.headers())).contains("a dot segment");
    }
}

package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTargetTest {
    @ParameterizedTest
    @CsvSource({
        "https://a, https://a/",
        "https://a?x=/y, https://a/",
        "HTTPS://A:443/B, https://a/B",
        "http://a:80/, http://a/",
        "http://a:/, http://a/",
        "https://a:80/, https://a:80/",
        "https://[::1]:443/x, https://[::1]/x",
        "https://[::1]/x, https://[::1]/x",
        "https://a/%7ex%2f%2F, https://a/~x%2F%2F",
        "https://a/b/../c, https://a/c",
        "https://a/b/.., https://a/",
        "https://a/../../c/., https://a/c/",
        "https://a/b/%2e%2E/c, https://a/c",
        "https://a/b//c, https://a/b//c",
        "https://a/.b/..c, https://a/.b/..c",
        "https://a/%41, https://a/A",
    })
    void normalise_uri_isItsNormalForm(String uri, String normal) {
        assertThat(HttpTarget.normalise(uri)).contains(normal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/x",
                "a/x",
                "ftp://a/x",
                "https:/a",
                "https:///x",
                "https://a b/",
                "https://u@a/",
                "https://a:x/",
                "https://a/%",
                "https://a/%4",
                "https://a/%zz",
                "https://a/é",
                "https://a\\b/",
                "https://:443/",
                "https://a/\u007f"
            })
    void normalise_notAnHttpUri_isEmpty(String uri) {
        assertThat(HttpTarget.normalise(uri)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://a/b%2Fc, https://a/b/c",
        "https://a/b, https://a/b/",
        "https://a/b, https://a/B",
        "https://a/b%2520, https://a/b%20"
    })
    void same_differentTargets_areNot(String left, String right) {
        assertThat(HttpTarget.same(left, right)).isFalse();
    }
}

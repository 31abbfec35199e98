package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.support.ServerWebExchangeUtils;
import org.springframework.web.util.UriComponentsBuilder;

class TargetTest {
    @ParameterizedTest
    @CsvSource({
        "http://bao:8200/v1/a, /v1/a, ",
        "http://bao:8200/v1/a?list=true, /v1/a, list=true",
        "https://bao/, /, ",
        "http://bao/a?, /a, ''",
        "HTTP://bao/a, /a, ",
        "http://[::1]:8200/a%2Fb, /a%2Fb, "
    })
    void of_anUpstreamSpelledAsItIsSent_isItself(URI upstream, String path, String query) {
        assertThat(Target.of(upstream, path, query)).isSameAs(upstream);
    }

    @ParameterizedTest
    @CsvSource({
        "http://bao:8200/v1/a, /v1/b, , http://bao:8200/v1/b",
        "http://bao:8200/v1/a?list=true, /v1/a, , http://bao:8200/v1/a",
        "http://bao:8200/v1/a, /v1/a, list=true, http://bao:8200/v1/a?list=true",
        "http://bao/a?, /a, , http://bao/a",
        "http://bao:8200/v1/a?x=1, /v1/a, x=2, http://bao:8200/v1/a?x=2",
        "http://bao:8200, /, , http://bao:8200/",
        "http://BAO:8200/v1/a, /v1/a, , http://bao:8200/v1/a",
        "http://bao:80/v1/a, /v1/a, , http://bao/v1/a",
        "https://bao:443/v1/a, /v1/a, , https://bao/v1/a",
        "https://bao:80/v1/a, /v1/a, , https://bao:80/v1/a",
        "http://user:secret@bao:8200/v1/a, /v1/a, , http://bao:8200/v1/a",
        "http://bao:8200/v1/a#b, /v1/a, , http://bao:8200/v1/a"
    })
    void of_anyOther_isSpelledAnew(URI upstream, String path, String query, String sent) {
        assertThat(Target.of(upstream, path, query)).hasToString(sent);
    }

    @ParameterizedTest
    @CsvSource({
        "a=1, a=1",
        "=b, =b",
        "'', ''",
        "a=1&&&c, a=1&&&c",
        "a=1&, a=1&",
        "a=1&b=2&a=3, a=1&b=2&a=3",
        "x=[&&y=%C3%A9, x=[&&y=%C3%A9"
    })
    void query_isTheRequests_howeverTheUrlForTheRouteSpellsIt(String raw, String sent) {
        URI request = URI.create("http://gateway/a?" + raw);
        URI url = UriComponentsBuilder.fromUri(request)
                .scheme("http")
                .host("bao")
                .build(ServerWebExchangeUtils.containsEncodedParts(request))
                .toUri();
        assertThat(Target.query(request, url)).isEqualTo(sent);
    }

    @Test
    void query_thatAFilterChanged_isTheChangedOne() {
        assertThat(Target.query(URI.create("http://gateway/a?x=1&&y"), URI.create("http://bao/a?x=2")))
                .isEqualTo("x=2");
        assertThat(Target.query(URI.create("http://gateway/a"), URI.create("http://bao/a?x=2")))
                .isEqualTo("x=2");
    }

    @Test
    void of_whatIsNoUrl_isNull() {
        assertThat(Target.of(URI.create("http://bao:8200/v1/a"), "/v1/[", null)).isNull();
    }
}

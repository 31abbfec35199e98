package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.web.util.UriComponentsBuilder;

class ExactStripPrefixTest {
    @ParameterizedTest
    @CsvSource({
        "/s3/bucket/a//b/, 1, /bucket/a//b/",
        "/s3//bucket, 1, //bucket",
        "/s3, 1, /",
        "/s3/, 1, /",
        "/a/b/c%2Fd, 2, /c%2Fd",
        "/a/b, 3, /"
    })
    void strip_leavesTheRestAsItIsSpelled(String path, int parts, String expected) {
        assertThat(ExactStripPrefix.strip(path, parts)).isEqualTo(expected);
    }

    @Test
    void target_ofAPathWithEmptySegments_keepsThem() {
        URI request = URI.create("http://localhost/bucket/a//b/");
        URI built = UriComponentsBuilder.fromUri(request)
                .host("127.0.0.1")
                .build(true)
                .toUri();
        assertThat(built.getRawPath()).isEqualTo("/bucket/a/b/");
        assertThat(Target.path(request, built)).isEqualTo("/bucket/a//b/");
        assertThat(Target.path(request, URI.create("http://127.0.0.1/other"))).isEqualTo("/other");
    }
}

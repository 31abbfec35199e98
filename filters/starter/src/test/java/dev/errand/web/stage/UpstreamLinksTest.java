package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.InMemoryTaskStore;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamLinksTest {
    private static Call.Granted call() {
        return new PermittedCalls(new InMemoryTaskStore()).to(URI.create("http://127.0.0.1:8200/v1/x?y"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8200/v1/a?b#c, /vault/v1/a?b#c",
        "HTTP://127.0.0.1:8200/v1/a, /vault/v1/a",
        "//127.0.0.1:8200/v1/a, /vault/v1/a",
        "http://127.0.0.1:8200, /vault",
        "/v1/a, /vault/v1/a",
        "a/b, a/b",
        "http://127.0.0.1:8201/v1/a, http://127.0.0.1:8201/v1/a",
        "mailto:a@example.org, mailto:a@example.org"
    })
    void location_ofTheUpstream_leadsThroughTheGateway(String value, String expected) {
        assertThat(UpstreamLinks.location(value, call())).isEqualTo(expected);
    }

    /** An upstream that spells carelessly is followed by its clients all the same, and must not lead them past us. */
    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8200/v1/a b?x=1|2, /vault/v1/a%20b?x=1%7C2",
        "http://127.0.0.1:8200/v1/{id}?q=50%, /vault/v1/%7Bid%7D?q=50%25",
        "/v1/ü, /vault/v1/%C3%BC",
        "http://127.0.0.1:8201/a b, http://127.0.0.1:8201/a b"
    })
    void location_withWhatNoUriMayHold_leadsThroughTheGateway(String value, String expected) {
        assertThat(UpstreamLinks.location(value, call())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = "<http://127.0.0.1:8200/v1/a^b>; rel=next | </vault/v1/a%5Eb>; rel=next")
    void link_withWhatNoUriMayHold_leadsThroughTheGateway(String value, String expected) {
        assertThat(UpstreamLinks.link(value, call())).isEqualTo(expected);
    }
}

package dev.errand.web.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.credential.UpstreamCredential;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.upstream.Echo;
import dev.errand.upstream.OutgoingRequest;
import dev.errand.web.Call;
import dev.errand.web.PermittedCalls;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import reactor.core.publisher.Mono;

class SentCredentialTest {
    static final String TOKEN = "hvs.CAES-of_this/test";

    private static final UpstreamCredential CREDENTIAL = new UpstreamCredential() {
        @Override
        public Set<String> headerNames() {
            return Set.of("X-Vault-Token", "Authorization", "X-Vault-Namespace");
        }

        @Override
        public Set<String> secretNames() {
            return Set.of("X-Vault-Token", "Authorization");
        }

        @Override
        public Mono<Map<String, String>> headers(OutgoingRequest request) {
            return Mono.empty();
        }

        @Override
        public Optional<String> fault() {
            return Optional.empty();
        }
    };

    private static SentCredential sent() {
        return Objects.requireNonNull(SentCredential.of(searched(true)));
    }

    /** A call that went with a token, and whether its answer is searched. */
    static Call.Forwarded searched(boolean searched) {
        return searched(searched, Echo.SEARCH);
    }

    static Call.Forwarded searched(boolean searched, Echo echo) {
        Call.Permitted permitted = new PermittedCalls(new InMemoryTaskStore()).permitted();
        Call.Granted one = permitted.granted();
        Call.Granted granted = new Call.Granted(
                one.named(), one.target(), one.routedPath(), one.headerRules(), null, searched, null, null);
        return new Call.Forwarded(
                new Call.Permitted(granted, permitted.step()),
                Map.of(
                        "x-vault-token",
                        TOKEN,
                        "authorization",
                        "Bearer " + TOKEN,
                        "txn-token",
                        "ours",
                        "x-vault-namespace",
                        "team"),
                Set.of("x-vault-token", "authorization"),
                null,
                CREDENTIAL,
                echo);
    }

    private static boolean isIn(String body) {
        DataBuffer whole = DefaultDataBufferFactory.sharedInstance.wrap(body.getBytes(StandardCharsets.UTF_8));
        return sent().search().isIn(whole);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":\"hvs.CAES-of_this/test\"}",
                "hvs.CAES-of_this/test",
                "{\"id\":\"hvs.CAES-of_this\\/test\"}",
                "{\"id\":\"\\u0068vs.CAES-of_this/test\"}",
                "{\"a\":\"\\u00\",\"id\":\"Bearer hvs.CAES\\u002dof_this\\u002Ftest\"}"
            })
    void bodyThatHoldsIt_isFound(String body) {
        assertThat(isIn(body)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"id\":\"hvs.CAES\"}", "", "\\", "\\u", "\\u12", "Bearer ", "ours", "team"})
    void otherBody_isNot(String body) {
        assertThat(isIn(body)).isFalse();
    }

    @Test
    void head_thatHoldsIt_orHidesTheBody_isRefused() {
        HttpHeaders head = new HttpHeaders();
        head.add("Content-Type", "application/json");
        head.add("Content-Encoding", "identity");
        head.setContentLength(256 * 1024);
        assertThat(SentCredential.refuses(head)).isNull();
        head.setContentLength(256 * 1024 + 1);
        assertThat(SentCredential.refuses(head)).isEqualTo(SentCredential.TOO_LONG);
        head.setContentLength(1);
        head.add("Content-Encoding", "gzip");
        assertThat(SentCredential.refuses(head)).contains("encoded");
        assertThat(sent().isIn("token=" + TOKEN)).isTrue();
        assertThat(sent().isIn("token=" + TOKEN.substring(1))).isFalse();
    }

    private static CredentialSearch search(Echo echo, int status, long length, String... head) {
        HttpHeaders headers = new HttpHeaders();
        if (length >= 0) {
            headers.setContentLength(length);
        }
        for (int i = 0; i < head.length; i += 2) {
            headers.add(head[i], head[i + 1]);
        }
        return Objects.requireNonNull(SentCredential.of(searched(false, echo))).search(status, headers);
    }

    @Test
    void bodies_thatAreSearched() {
        assertThat(search(Echo.SEARCH, 200, 256 * 1024)).isNotNull();
        assertThat(search(Echo.SEARCH, 200, -1)).isNotNull();
        assertThat(search(Echo.SEARCH, 400, 10_000_000)).isNotNull();
        assertThat(search(Echo.SEARCH, 503, -1, "Content-Encoding", "identity")).isNotNull();
        assertThat(search(Echo.SEARCH, 200, 256 * 1024 + 1)).isNull();
        assertThat(search(Echo.SEARCH, 200, TOKEN.length() - 1)).isNull();
        assertThat(search(Echo.SEARCH, 200, -1, "Content-Encoding", "gzip")).isNull();
        assertThat(search(Echo.HEADERS, 500, 100)).isNull();
    }

    @Test
    void of_callWhoseAnswerIsNotSearched_isNone() {
        assertThat(SentCredential.of(searched(false, Echo.OFF))).isNull();
        assertThat(SentCredential.of(searched(true, Echo.OFF))).isNotNull();
        assertThat(SentCredential.of(searched(true).granted())).isNull();
        assertThat(SentCredential.of(null)).isNull();
        assertThat(sent()).hasToString("***");
    }
}

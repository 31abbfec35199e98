package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.it.RecordingUpstream.Answer;
import dev.errand.it.RecordingUpstream.Seen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A token of {@code vault-login} that Vault knows no more is replaced at the first call that is refused with it. */
class RenewedCredentialIT {
    private static final String READ = "/vault/v1/secret/data/a";
    private static final AtomicInteger KNOWN = new AtomicInteger(1);

    @TempDir
    private static Path directory;

    private static RecordingUpstream vault;
    private static FrontedServer fronted;

    @BeforeAll
    static void start() throws Exception {
        vault = new RecordingUpstream();
        vault.answer(RenewedCredentialIT::answer);
        Path jwt = Files.writeString(directory.resolve("jwt"), "j.w.t");
        fronted = FrontedServer.start(
                "vault",
                vault.uri(),
                FrontedServer.everything("vault"),
                Map.of(
                        "errand.upstreams.vault.vault-login.url",
                        vault.uri(),
                        "errand.upstreams.vault.vault-login.role",
                        "errand",
                        "errand.upstreams.vault.vault-login.namespace",
                        "team/a",
                        "errand.upstreams.vault.vault-login.jwt-file",
                        "file:" + jwt),
                List.of("UpstreamCredential=vault"));
    }

    @AfterAll
    static void stop() {
        fronted.close();
        vault.close();
    }

    @BeforeEach
    void wait_untilVaultMayBeAskedAgain() throws InterruptedException {
        Thread.sleep(1_100);
        vault.forget();
    }

    private static Answer answer(Seen request) {
        if (request.target().endsWith("/login")) {
            return Answer.of(
                    200,
                    "{\"auth\":{\"client_token\":\"s." + KNOWN.get()
                            + "\",\"lease_duration\":3600,\"renewable\":true}}");
        }
        boolean known = ("s." + KNOWN.get()).equals(request.header("X-Vault-Token"));
        return known && !request.target().contains("/forbidden")
                ? Answer.of(200, "{\"data\":{}}")
                : Answer.of(403, "{\"errors\":[\"permission denied\"]}");
    }

    private static int call(String method, String target, String body) {
        Map<String, String> headers = body == null ? Map.of() : Map.of("Content-Type", "application/json");
        return fronted.agent()
                .call(fronted.gateway(), method, target, headers, body)
                .statusCode();
    }

    private static List<String> seen() {
        return vault.seen().stream()
                .map(one -> one.method() + ' ' + one.target().substring("/v1/".length()))
                .toList();
    }

    @Test
    void safeCall_isRepeatedOnce_withinOneDecision() {
        assertThat(call("GET", READ, null)).isEqualTo(200);
        KNOWN.incrementAndGet();
        vault.forget();
        int before = fronted.gateway().records().size();
        assertThat(call("GET", READ, null)).isEqualTo(200);
        assertThat(seen())
                .containsExactly(
                        "GET secret/data/a", "GET auth/token/lookup-self", "POST auth/jwt/login", "GET secret/data/a");
        assertThat(vault.seen()).allMatch(one -> "team/a".equals(one.header("X-Vault-Namespace")));
        assertThat(fronted.gateway().records().size() - before)
                .as("a decision and its outcome")
                .isEqualTo(2);
    }

    @Test
    void otherCall_isAnsweredAsVaultDid_andTheNextOneHasTheNewToken() throws InterruptedException {
        assertThat(call("GET", READ, null)).isEqualTo(200);
        KNOWN.incrementAndGet();
        assertThat(call("POST", READ, "{\"data\":{}}")).isEqualTo(403);
        int status = 403;
        for (int i = 0; i < 100 && status == 403; i++) {
            Thread.sleep(20);
            status = call("POST", READ, "{\"data\":{}}");
        }
        assertThat(status).isEqualTo(200);
    }

    @Test
    void callThatNoPolicyAllows_isNotRepeated_andVaultIsAskedOnceASecond() {
        assertThat(call("GET", READ, null)).isEqualTo(200);
        vault.forget();
        for (int i = 0; i < 5; i++) {
            assertThat(call("GET", "/vault/v1/secret/data/forbidden", null)).isEqualTo(403);
        }
        assertThat(seen())
                .filteredOn(one -> one.contains("forbidden"))
                .as("each was sent once")
                .hasSize(5);
        assertThat(seen())
                .filteredOn(one -> one.contains("lookup-self"))
                .hasSizeLessThanOrEqualTo(2)
                .isNotEmpty();
        assertThat(seen()).noneMatch(one -> one.contains("login"));
    }
}

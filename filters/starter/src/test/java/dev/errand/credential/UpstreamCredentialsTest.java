package dev.errand.credential;

import static dev.errand.credential.WatchedFileTest.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.upstream.OutgoingRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

class UpstreamCredentialsTest {
    private static final OutgoingRequest REQUEST =
            new OutgoingRequest("GET", URI.create("http://s3.local:9000/b/k"), Map.of(), null);

    @TempDir
    Path directory;

    private final CredentialConfig.CredentialContext opening = new CredentialConfig.CredentialContext() {
        @Override
        public Path file(String value) {
            return directory.resolve(value);
        }

        @Override
        public String key(String own) {
            return own;
        }

        @Override
        public URI server(String key, String value) {
            return URI.create(value);
        }

        @Override
        public HttpClient http() {
            return HttpClient.create();
        }
    };

    private static Map<String, String> headers(UpstreamCredential credential, OutgoingRequest request) {
        return credential.headers(request).blockOptional(Duration.ofSeconds(5)).orElseThrow();
    }

    @Test
    void headers_rotatedFile_isFollowedAndABadOneKeepsTheLast() throws Exception {
        Path file = Files.writeString(directory.resolve("token"), "one\n");
        var credential = new BearerConfig(file.toString()).open(opening);
        assertThat(headers(credential, REQUEST)).containsExactly(Map.entry("Authorization", "Bearer one"));
        assertThat(credential.headerNames()).containsExactly("authorization");
        assertThat(credential.toString()).doesNotContain("one");

        Files.writeString(file, "two\n");
        Thread.sleep(1_050);
        assertThat(headers(credential, REQUEST)).containsExactly(Map.entry("Authorization", "Bearer two"));

        Files.writeString(file, "a\nb");
        Thread.sleep(1_050);
        assertThat(headers(credential, REQUEST)).containsExactly(Map.entry("Authorization", "Bearer two"));
        assertThat(credential.fault())
                .hasValueSatisfying(fault -> assertThat(fault).contains("one line"));
    }

    @Test
    void headers_absentFile_isUnavailable() {
        var credential = new HeaderConfig("X-Vault-Token", "none").open(opening);
        assertThatThrownBy(() -> headers(credential, REQUEST)).isInstanceOf(CredentialUnavailableException.class);
    }

    private VaultLoginCredential vaultLogin(DisposableServer vault, AtomicLong nanos) throws IOException {
        return new VaultLoginCredential(
                URI.create("http://127.0.0.1:" + vault.port()),
                "jwt",
                "errand",
                Files.writeString(directory.resolve("jwt"), "j.w.t\n"),
                null,
                HttpClient.create(),
                nanos::get);
    }

    @Test
    void vaultLogin_manyRequests_logInOnceRenewAndOutliveVault() throws Exception {
        AtomicInteger logins = new AtomicInteger();
        AtomicInteger renewals = new AtomicInteger();
        Sinks.Empty<Void> mayRenew = Sinks.empty();
        String answer = "{\"auth\":{\"client_token\":\"%s\",\"lease_duration\":90,\"renewable\":true}}";
        DisposableServer vault = HttpServer.create()
                .port(0)
                .route(routes -> routes.post(
                                "/v1/auth/jwt/login",
                                (in, out) -> in.receive()
                                        .aggregate()
                                        .asString()
                                        .flatMap(body -> body.equals("{\"jwt\":\"j.w.t\",\"role\":\"errand\"}")
                                                ? out.sendString(Mono.fromSupplier(() ->
                                                                answer.formatted("s." + logins.incrementAndGet())))
                                                        .then()
                                                : out.status(400).send().then()))
                        .post("/v1/auth/token/renew-self", (in, out) -> {
                            renewals.incrementAndGet();
                            String same = answer.formatted(in.requestHeaders().get("X-Vault-Token"));
                            return out.sendString(mayRenew.asMono().thenReturn(same));
                        }))
                .bindNow();
        AtomicLong nanos = new AtomicLong();
        var credential = vaultLogin(vault, nanos);
        List<String> tokens = Flux.range(0, 50)
                .flatMap(i -> credential.headers(REQUEST), 50)
                .map(written -> written.get("X-Vault-Token"))
                .collectList()
                .block(Duration.ofSeconds(5));
        assertThat(tokens).hasSize(50).containsOnly("s.1");
        assertThat(logins).hasValue(1);

        // In the last third of its lease a token is used while it is renewed, once for all who ask.
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        await(() -> {
            assertThat(credential.headers(REQUEST).toFuture()).isDone();
            return renewals.get() > 0;
        });
        for (int i = 0; i < 50; i++) {
            assertThat(credential.headers(REQUEST).toFuture()).isCompletedWithValue(Map.of("X-Vault-Token", "s.1"));
        }
        // In its last two seconds the renewal is waited for.
        nanos.addAndGet(Duration.ofSeconds(28).toNanos());
        CompletableFuture<Map<String, String>> waiting =
                credential.headers(REQUEST).toFuture();
        assertThat(waiting).isNotDone();
        mayRenew.tryEmitEmpty();
        assertThat(waiting).succeedsWithin(Duration.ofSeconds(5)).isEqualTo(Map.of("X-Vault-Token", "s.1"));
        assertThat(renewals).hasValue(1);

        // Asked for at 61 s, it lasts until 151.
        vault.disposeNow();
        nanos.addAndGet(Duration.ofSeconds(40).toNanos());
        await(() -> {
            assertThat(credential.headers(REQUEST).toFuture()).isCompletedWithValue(Map.of("X-Vault-Token", "s.1"));
            return credential.fault().isPresent();
        });
        nanos.addAndGet(Duration.ofSeconds(21).toNanos());
        assertThat(headers(credential, REQUEST)).containsEntry("X-Vault-Token", "s.1");
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThatThrownBy(() -> headers(credential, REQUEST)).isInstanceOf(CredentialUnavailableException.class);
    }

    /** Vault as it answers a token: {@code known} ones to a login, any other 403. */
    private DisposableServer vaultThatKnows(AtomicInteger known, AtomicInteger lookups, List<String> namespaces) {
        return HttpServer.create()
                .port(0)
                .route(routes -> routes.post("/v1/auth/jwt/login", (in, out) -> {
                            namespaces.add(in.requestHeaders().get("X-Vault-Namespace", "none"));
                            return out.sendString(Mono.just("{\"auth\":{\"client_token\":\"s." + known.get()
                                    + "\",\"lease_duration\":90,\"renewable\":true}}"));
                        })
                        .get("/v1/auth/token/lookup-self", (in, out) -> {
                            lookups.incrementAndGet();
                            namespaces.add(in.requestHeaders().get("X-Vault-Namespace", "none"));
                            boolean good = ("s." + known.get())
                                    .equals(in.requestHeaders().get("X-Vault-Token"));
                            return out.status(good ? 200 : 403).sendString(Mono.just("{}"));
                        }))
                .bindNow();
    }

    @Test
    void vaultLogin_refusedWithAKnownToken_isAskedOnceASecond_andWithARevokedOneLogsInAnew() throws Exception {
        AtomicInteger known = new AtomicInteger(1);
        AtomicInteger lookups = new AtomicInteger();
        DisposableServer vault = vaultThatKnows(known, lookups, new java.util.concurrent.CopyOnWriteArrayList<>());
        try {
            AtomicLong nanos = new AtomicLong();
            var credential = vaultLogin(vault, nanos);
            Map<String, String> first = Map.of("x-vault-token", "s.1");
            assertThat(headers(credential, REQUEST)).containsEntry("X-Vault-Token", "s.1");
            for (int i = 0; i < 20; i++) {
                assertThat(credential.renewed(first).block(Duration.ofSeconds(5)))
                        .isNull();
            }
            assertThat(lookups).hasValue(1);

            known.set(2);
            nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            List<Map<String, String>> renewed = Flux.range(0, 20)
                    .flatMap(i -> credential.renewed(first), 20)
                    .collectList()
                    .block(Duration.ofSeconds(5));
            assertThat(renewed).hasSize(20).containsOnly(Map.of("X-Vault-Token", "s.2"));
            assertThat(lookups).hasValue(2);
            assertThat(headers(credential, REQUEST)).containsEntry("X-Vault-Token", "s.2");

            // Vault is away: the token that is held stays in use, and the refused call is answered as it was.
            vault.disposeNow();
            nanos.addAndGet(Duration.ofSeconds(2).toNanos());
            assertThat(credential.renewed(Map.of("x-vault-token", "s.2")).block(Duration.ofSeconds(5)))
                    .isNull();
            assertThat(credential.fault()).isPresent();
        } finally {
            vault.disposeNow();
        }
    }

    @Test
    void vaultLogin_inANamespace_logsInAndCallsThere() throws Exception {
        List<String> namespaces = new java.util.concurrent.CopyOnWriteArrayList<>();
        DisposableServer vault = vaultThatKnows(new AtomicInteger(1), new AtomicInteger(), namespaces);
        try {
            var credential = new VaultLoginCredential(
                    URI.create("http://127.0.0.1:" + vault.port()),
                    "jwt",
                    "errand",
                    Files.writeString(directory.resolve("jwt"), "j.w.t\n"),
                    "team/a",
                    HttpClient.create(),
                    System::nanoTime);
            assertThat(headers(credential, REQUEST))
                    .isEqualTo(Map.of("X-Vault-Token", "s.1", "X-Vault-Namespace", "team/a"));
            credential.renewed(Map.of("x-vault-token", "s.1")).block(Duration.ofSeconds(5));
            assertThat(namespaces).containsExactly("team/a", "team/a");
            assertThat(credential.headerNames()).containsExactlyInAnyOrder("x-vault-token", "x-vault-namespace");
            assertThat(credential.secretNames()).containsExactly("x-vault-token");
        } finally {
            vault.disposeNow();
        }
    }

    @Test
    void vaultLogin_namespaceThatIsNoPath_isAFault() {
        for (String namespace : List.of("", "a b", "a\nb", "\u00e9")) {
            var config = new VaultLoginConfig(
                    "https://vault.example.org", "errand", "jwt", null, namespace, null, null, null, null);
            assertThatThrownBy(() -> config.files(opening)).hasMessageContaining("namespace");
        }
    }

    @Test
    void vaultLogin_answeredByNothing_isUnavailable_andAskedAgainAfterASecond() throws Exception {
        AtomicInteger logins = new AtomicInteger();
        DisposableServer vault = HttpServer.create()
                .port(0)
                .route(routes -> routes.post("/v1/auth/jwt/login", (in, out) -> {
                    logins.incrementAndGet();
                    return out.status(200).send();
                }))
                .bindNow();
        try {
            AtomicLong nanos = new AtomicLong();
            var credential = vaultLogin(vault, nanos);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> headers(credential, REQUEST))
                        .isInstanceOf(CredentialUnavailableException.class)
                        .hasMessageEndingWith("answered without a token and its lease");
            }
            assertThat(credential.fault()).isPresent();
            assertThat(logins).hasValue(1);
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThatThrownBy(() -> headers(credential, REQUEST)).isInstanceOf(CredentialUnavailableException.class);
            assertThat(logins).hasValue(2);
        } finally {
            vault.disposeNow();
        }
    }

    @Test
    void sigV4_streamedS3Body_isDeclaredUnsignedAndTheReadOneHashed() throws Exception {
        Path file = Files.writeString(
                directory.resolve("aws"),
                "[default]\naws_access_key_id = AKID\naws_secret_access_key = SECRETKEY\naws_session_token = TOK\n");
        var credential = new SigV4Config("eu-central-1", "s3", file.toString()).open(opening);
        Map<String, String> streamed = headers(credential, REQUEST);
        assertThat(streamed.keySet())
                .extracting(name -> name.toLowerCase(java.util.Locale.ROOT))
                .containsExactlyInAnyOrderElementsOf(credential.headerNames());
        assertThat(streamed).containsEntry("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
        assertThat(streamed.get("Authorization"))
                .startsWith("AWS4-HMAC-SHA256 Credential=AKID/")
                .contains(
                        "/eu-central-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token,");
        assertThat(streamed.toString() + credential).doesNotContain("SECRETKEY");

        Map<String, String> read =
                headers(credential, new OutgoingRequest("PUT", URI.create("http://h/b/k"), Map.of(), new byte[0]));
        assertThat(read)
                .containsEntry(
                        "x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assertThatThrownBy(() -> headers(
                        credential,
                        new OutgoingRequest(
                                "PUT",
                                URI.create("http://h/b/k"),
                                Map.of("x-amz-content-sha256", List.of("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")),
                                null)))
                .isInstanceOf(CredentialUnavailableException.class);

        Map<String, String> trailer = headers(
                credential,
                new OutgoingRequest(
                        "PUT",
                        URI.create("http://h/b/k"),
                        Map.of(
                                "x-amz-content-sha256",
                                List.of("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
                                "x-amz-trailer",
                                List.of("x-amz-checksum-crc32"),
                                "x-amz-decoded-content-length",
                                List.of("5"),
                                "content-length",
                                List.of("42")),
                        null));
        assertThat(trailer.keySet())
                .extracting(name -> name.toLowerCase(java.util.Locale.ROOT))
                .containsExactlyInAnyOrderElementsOf(credential.headerNames());
        assertThat(trailer).containsEntry("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        assertThat(trailer.get("Authorization"))
                .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                        + "x-amz-security-token;x-amz-trailer,");
    }

    /** A server makes the signature's path from what it decoded, so another spelling of a key is signed alike. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    /b/day=1,2:3@x/a*.txt        | /b/day%3D1%2C2%3A3%40x/a%2A.txt
                    /b/%ef%bc%8f                 | /b/%EF%BC%8F
                    /b/a%20b%2B+c~(1)'!$         | /b/a%20b%2B%2Bc~%281%29%27%21%24
                    /b/k                         | /b/k
                    /                            | /
                    """)
    void sigV4_pathOfS3_isSignedAsS3SpellsIt(String sent, String signed) throws Exception {
        Path file = Files.writeString(
                directory.resolve("aws"), "aws_access_key_id = AKID\naws_secret_access_key = SECRETKEY\n");
        var credential = new SigV4Config("eu-central-1", "s3", file.toString()).open(opening);
        Map<String, String> one;
        Map<String, String> other;
        do {
            one = headers(credential, new OutgoingRequest("GET", URI.create("http://h" + sent), Map.of(), null));
            other = headers(credential, new OutgoingRequest("GET", URI.create("http://h" + signed), Map.of(), null));
            // A signature has the second in it.
        } while (!one.get("X-Amz-Date").equals(other.get("X-Amz-Date")));
        assertThat(one.get("Authorization")).contains("Signature=").isEqualTo(other.get("Authorization"));
    }
}

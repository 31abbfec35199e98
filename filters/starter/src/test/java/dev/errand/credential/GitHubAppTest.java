package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.TestRsa;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.GrantedOperation;
import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** {@code github-app} against a server that shows what it was asked. */
class GitHubAppTest {
    private static final String TOKEN = "ghs_0123456789abcdefghij";
    private static final String PEM = pem();
    private static final String SELECTED = "\"repository_selection\":\"selected\"";

    @TempDir
    private Path directory;

    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final List<String> authorized = new CopyOnWriteArrayList<>();
    private volatile int status = 201;
    private volatile int revoking = 204;
    private volatile String answer;
    private DisposableServer server;

    @BeforeEach
    void start() throws Exception {
        answer = granted("{\"issues\":\"write\",\"metadata\":\"read\"}," + SELECTED);
        Files.writeString(directory.resolve("app.pem"), PEM);
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .defaultIfEmpty("")
                        .flatMap(body -> {
                            asked.add(request.method() + " " + request.uri() + " " + body);
                            authorized.add(
                                    String.valueOf(request.requestHeaders().get("Authorization")));
                            boolean revoked = request.method().name().equals("DELETE");
                            return response.status(revoked ? revoking : status)
                                    .sendString(Mono.just(revoked ? "" : answer))
                                    .then();
                        }))
                .bindNow();
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private static String pem() {
        byte[] der = TestRsa.pair().getPrivate().getEncoded();
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END PRIVATE KEY-----\n";
    }

    private static String granted(String permissions) {
        return "{\"token\":\"" + TOKEN + "\",\"expires_at\":\""
                + Instant.now().plusSeconds(3600).toString() + "\",\"permissions\":" + permissions + "}";
    }

    private Minter minter() {
        return new GitHubAppConfig("12345", "app.pem", "678", "http://127.0.0.1:" + server.port() + "/api/v3", null)
                .minter(new CredentialConfig.CredentialContext() {
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
                });
    }

    private static CallTask task(String... resources) throws Exception {
        List<GrantedOperation> granted = new ArrayList<>();
        for (String resource : resources) {
            JsonObject arguments =
                    Json.parseObject(("{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"" + resource + "\"}}")
                            .getBytes(StandardCharsets.UTF_8));
            granted.add(new GrantedOperation("github:issues/create", Set.of("issues:write"), arguments));
        }
        return CallTasks.granted(CallTasks.named("t-1"), granted);
    }

    private static Lease mint(Minter minter, CallTask task) {
        return minter.mint(task).block(Duration.ofSeconds(5));
    }

    @Test
    void mint_asksForTheTasksRepositoriesAndPermissions() throws Exception {
        Minter minter = minter();
        Lease lease = mint(minter, task("acme/app", "acme/Lib/17"));
        assertThat(asked)
                .containsExactly("POST /api/v3/app/installations/678/access_tokens"
                        + " {\"permissions\":{\"issues\":\"write\"},\"repositories\":[\"app\",\"lib\"]}");
        String claims = new String(
                Base64.getUrlDecoder()
                        .decode(authorized.get(0).substring("Bearer ".length()).split("\\.")[1]),
                StandardCharsets.UTF_8);
        assertThat(claims).contains("\"iss\":\"12345\"");
        assertThat(lease.left(System.nanoTime())).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(60));
        assertThat(headers(minter, lease, "https://api.github.com/repos/acme/app/issues"))
                .isEqualTo(Map.of("Authorization", "Bearer " + TOKEN));
    }

    private static Map<String, String> headers(Minter minter, Lease lease, String uri) {
        return minter.headers(lease, new OutgoingRequest("GET", URI.create(uri), Map.of(), null))
                .block(Duration.ofSeconds(5));
    }

    /** git takes a token only as the password of Basic. */
    @ParameterizedTest
    @ValueSource(strings = {"info/refs?service=git-upload-pack", "git-upload-pack", "git-receive-pack"})
    void headers_ofGit_areBasic(String path) throws Exception {
        Minter minter = minter();
        Lease lease = mint(minter, task("acme/app"));
        String basic =
                Base64.getEncoder().encodeToString(("x-access-token:" + TOKEN).getBytes(StandardCharsets.US_ASCII));
        assertThat(headers(minter, lease, "https://github.com/acme/app.git/" + path))
                .isEqualTo(Map.of("Authorization", "Basic " + basic));
    }

    @Test
    void mint_ofATaskWithoutExactRepositories_asksNothing() throws Exception {
        for (CallTask task : List.of(task(), task("acme"), task("acme/app", "other/app"))) {
            assertThatThrownBy(() -> mint(minter(), task))
                    .isInstanceOf(CredentialUnavailableException.class)
                    .hasMessageStartingWith("the task gets no installation token: it grants ");
        }
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "401, is the key that of the App",
        "403, answered 403",
        "404, does the App have this installation",
        "422, has the installation these repositories",
        "500, answered 500",
        "302, answered 302",
        "200, answered 200"
    })
    void mint_anotherStatus_isUnavailable(int given, String why) throws Exception {
        status = given;
        CallTask task = task("acme/app");
        assertThatThrownBy(() -> mint(minter(), task))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining(why)
                .message()
                .doesNotContain("ghs_", "eyJ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"token\":\"t\"}",
                "{\"token\":\"t\",\"expires_at\":\"tomorrow\",\"permissions\":{}}",
                "{\"token\":\"\",\"expires_at\":\"2030-01-01T00:00:00Z\",\"permissions\":{}}",
                "{\"token\":\"a\\nb\",\"expires_at\":\"2030-01-01T00:00:00Z\",\"permissions\":{}}"
            })
    void mint_anotherAnswer_isUnavailable(String given) throws Exception {
        answer = given;
        CallTask task = task("acme/app");
        assertThatThrownBy(() -> mint(minter(), task))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining("without a token");
    }

    @Test
    void mint_tooLargeAnAnswer_isUnavailable() throws Exception {
        answer = "{\"x\":\"" + "y".repeat(5 << 20) + "\"}";
        CallTask task = task("acme/app");
        assertThatThrownBy(() -> mint(minter(), task)).isInstanceOf(CredentialUnavailableException.class);
    }

    /** A server that does not know `repositories` or `permissions` gives a token for everything. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"issues\":\"write\"},\"repository_selection\":\"all\"",
                "{\"issues\":\"write\"}",
                "{\"issues\":\"write\"},\"repositories\":[{\"name\":\"app\"},{\"name\":\"other\"}]",
                "{\"issues\":\"write\"},\"repositories\":[\"app\"]",
                "{\"issues\":\"admin\"}," + SELECTED,
                "{\"issues\":\"write\",\"contents\":\"read\"}," + SELECTED
            })
    void mint_aTokenThatMayDoMore_isRevokedAndUnavailable(String permissions) throws Exception {
        answer = granted(permissions);
        CallTask task = task("acme/app");
        assertThatThrownBy(() -> mint(minter(), task))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining("more than was asked for");
        assertThat(asked).hasSize(2).last().isEqualTo("DELETE /api/v3/installation/token ");
        assertThat(authorized.get(1)).isEqualTo("Bearer " + TOKEN);
    }

    @Test
    void mint_aTokenWhoseRepositoriesAreListed_isTaken() throws Exception {
        answer = granted(
                "{\"issues\":\"write\"},\"repository_selection\":\"all\",\"repositories\":[{\"name\":\"App\"}]");
        assertThat(mint(minter(), task("acme/app"))).isNotNull();
    }

    @Test
    void mint_aTokenThatIsOver_isUnavailable() throws Exception {
        answer = answer.replaceFirst("\"expires_at\":\"[^\"]+\"", "\"expires_at\":\"2020-01-01T00:00:00Z\"");
        CallTask task = task("acme/app");
        assertThatThrownBy(() -> mint(minter(), task)).hasMessageContaining("is the clock right");
    }

    @Test
    void giveBack_revokes_andATokenThatIsGoneIsRevoked() {
        Minter minter = minter();
        Secret token = Secret.of(TOKEN.getBytes(StandardCharsets.US_ASCII));
        assertThat(minter.isTakenBack()).isTrue();
        minter.giveBack(token).block(Duration.ofSeconds(5));
        revoking = 401;
        minter.giveBack(token).block(Duration.ofSeconds(5));
        assertThat(asked).containsExactly("DELETE /api/v3/installation/token ", "DELETE /api/v3/installation/token ");
        assertThat(authorized).containsOnly("Bearer " + TOKEN);
        revoking = 500;
        assertThatThrownBy(() -> minter.giveBack(token).block(Duration.ofSeconds(5)))
                .isInstanceOf(CredentialUnavailableException.class);
    }

    @Test
    void tried_asksForMetadataOnly() {
        answer = granted("{\"metadata\":\"read\"}");
        minter().tried(CallTasks.named("t-check")).block(Duration.ofSeconds(5));
        assertThat(asked)
                .containsExactly(
                        "POST /api/v3/app/installations/678/access_tokens {\"permissions\":{\"metadata\":\"read\"}}");
    }

    @Test
    void mint_withoutAGoodKey_isUnavailable_andSaysSoInHealth() throws Exception {
        Files.writeString(directory.resolve("app.pem"), "replace me");
        Minter minter = minter();
        CallTask task = task("acme/app");
        assertThatThrownBy(() -> mint(minter, task)).isInstanceOf(CredentialUnavailableException.class);
        assertThat(minter.fault()).hasValueSatisfying(fault -> assertThat(fault).contains("no RSA private key"));
        assertThat(asked).isEmpty();
    }
}

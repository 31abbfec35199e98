package dev.errand.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.errand.jose.CredentialKeys;
import dev.errand.jose.NewKeyFile;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Base64Url;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

/** Each kind against a server that shows what it was asked. */
class KindsTest {
    private static final OutgoingRequest REQUEST =
            new OutgoingRequest("GET", URI.create("http://s3.local:9000/b/k"), Map.of(), null);
    private static final CallTask TASK = CallTasks.named("t-1");

    @TempDir
    private Path directory;

    private final List<Map<String, String>> asked = new CopyOnWriteArrayList<>();
    private volatile Function<Map<String, String>, String> answer = form -> "{}";
    private volatile int status = 200;
    private DisposableServer server;
    private TaskTokens tokens;

    @BeforeEach
    void start() throws Exception {
        Path file = directory.resolve("credential.jwks");
        NewKeyFile.ofCredentials().write(file);
        CredentialKeys keys = CredentialKeys.load(file);
        tokens = new TaskTokens("https://g/credentials", () -> Optional.of(keys.signingKey()), Clock.systemUTC());
        server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> request.receive()
                        .aggregate()
                        .asString()
                        .flatMap(body -> {
                            Map<String, String> form = form(body);
                            form.put(":path", request.uri());
                            form.put(
                                    ":authorization",
                                    String.valueOf(request.requestHeaders().get("Authorization")));
                            asked.add(form);
                            return response.status(status)
                                    .sendString(Mono.just(answer.apply(form)))
                                    .then();
                        }))
                .bindNow();
    }

    @AfterEach
    void stop() {
        server.disposeNow();
    }

    private static Map<String, String> form(String body) {
        Map<String, String> form = new HashMap<>();
        for (String field : body.split("&")) {
            int equals = field.indexOf('=');
            form.put(
                    URLDecoder.decode(field.substring(0, equals), StandardCharsets.UTF_8),
                    URLDecoder.decode(field.substring(equals + 1), StandardCharsets.UTF_8));
        }
        return form;
    }

    private String uri(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

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

        @Override
        public <T> T part(Class<T> type) {
            return type.cast(new Minting(tokens, null));
        }
    };

    private static Lease mint(Minter minter) {
        return minter.mint(TASK).block(Duration.ofSeconds(5));
    }

    private static Map<String, String> headers(Minter minter, Lease lease) {
        return minter.headers(lease, REQUEST).block(Duration.ofSeconds(5));
    }

    private static JsonObject claims(String jwt) throws Exception {
        return Json.parseObject(Base64Url.decode(jwt.split("\\.")[1]));
    }

    @Test
    void sts_assumesTheRoleAsTheTask_andSignsByItsKeys() throws Exception {
        answer = form -> "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                + "<AccessKeyId>AKIA1</AccessKeyId><SecretAccessKey>very&amp;secret</SecretAccessKey>"
                + "<SessionToken>session</SessionToken></Credentials></AssumeRoleWithWebIdentityResult>"
                + "</AssumeRoleWithWebIdentityResponse>";
        Minter minter = new StsConfig(
                        uri("/"),
                        null,
                        "arn:aws:iam::1:role/errand",
                        "eu-central-1",
                        "s3",
                        List.of(StsConfig.Tag.TASK, StsConfig.Tag.HUMAN),
                        null,
                        null,
                        null)
                .minter(opening);
        Lease lease = mint(minter);
        Map<String, String> form = asked.get(0);
        assertThat(form)
                .containsEntry("Action", "AssumeRoleWithWebIdentity")
                .containsEntry("Version", "2011-06-15")
                .containsEntry("RoleArn", "arn:aws:iam::1:role/errand")
                .containsEntry("RoleSessionName", "t-1")
                .containsEntry("DurationSeconds", "900");
        JsonObject claims = claims(form.get("WebIdentityToken"));
        assertThat(claims.string("aud")).isEqualTo("sts.amazonaws.com");
        assertThat(claims.string("sub")).isEqualTo("spiffe://example.org/agent/release-bot");
        assertThat(claims.object("https://aws.amazon.com/tags")
                        .object("principal_tags")
                        .toString())
                .contains("t-1")
                .contains("https://idp.example.org=23user:7f3c");
        Map<String, String> headers = headers(minter, lease);
        assertThat(headers.get("X-Amz-Security-Token")).isEqualTo("session");
        assertThat(headers.get("Authorization")).contains("Credential=AKIA1/").contains("/eu-central-1/s3/");
        assertThat(headers.values()).noneMatch(value -> value.contains("very"));
        assertThat(minter.isTakenBack()).isFalse();
    }

    @Test
    void stsAnswer_withADtdOrWithoutKeys_isRefused() {
        for (String text : List.of(
                "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a><AccessKeyId>&x;</AccessKeyId></a>",
                "<a><AccessKeyId>1</AccessKeyId></a>",
                "no xml")) {
            assertThatThrownBy(() -> StsAnswer.parse(text.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(CredentialUnavailableException.class)
                    .hasMessageNotContaining("passwd");
        }
    }

    @Test
    void tagValue_escapesAllButAFewBytes() {
        assertThat(StsMinter.tagValue("https://a.b/c@d-e:9")).isEqualTo("https://a.b/c@d-e:9");
        assertThat(StsMinter.tagValue("a#b c=d_é")).isEqualTo("a=23b=20c=3Dd=5F=C3=A9");
    }

    @Test
    void tokenExchange_asksWithTheTasksJwt_andRevokes() throws Exception {
        answer = form -> "{\"access_token\":\"at-1\",\"token_type\":\"Bearer\",\"expires_in\":300}";
        Minter minter = new TokenExchangeConfig(
                        uri("/token"),
                        null,
                        new TokenExchangeConfig.Client("errand", null, "credential"),
                        "tickets",
                        "read",
                        Subject.HUMAN,
                        uri("/revoke"),
                        null)
                .minter(opening);
        Lease lease = mint(minter);
        Map<String, String> form = asked.get(0);
        assertThat(form)
                .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange")
                .containsEntry("subject_token_type", "urn:ietf:params:oauth:token-type:jwt")
                .containsEntry("audience", "tickets")
                .containsEntry("scope", "read")
                .containsEntry("client_id", "errand");
        assertThat(claims(form.get("subject_token")).string("aud")).isEqualTo(uri("/token"));
        JsonObject assertion = claims(form.get("client_assertion"));
        assertThat(assertion.string("aud")).isEqualTo(uri("/token"));
        assertThat(assertion.string("iss")).isEqualTo("errand");
        assertThat(assertion.string("sub")).isEqualTo("errand");
        assertThat(headers(minter, lease)).containsExactly(Map.entry("Authorization", "Bearer at-1"));
        assertThat(minter.isTakenBack()).isTrue();
        minter.giveBack(lease.sent()).block();
        assertThat(asked.get(1))
                .containsEntry(":path", "/revoke")
                .containsEntry("token", "at-1")
                .containsEntry("token_type_hint", "access_token");
        status = 503;
        assertThatThrownBy(() -> minter.giveBack(lease.sent()).block())
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageContaining("answered 503");
    }

    @Test
    void tokenExchange_bySecret_isBasic_andRefusesOtherTokens() throws Exception {
        Files.writeString(directory.resolve("secret"), "a:b\n");
        Minter minter = new TokenExchangeConfig(
                        uri("/token"),
                        null,
                        new TokenExchangeConfig.Client("er rand", "secret", null),
                        null,
                        null,
                        null,
                        null,
                        null)
                .minter(opening);
        answer = form -> "{\"access_token\":\"at-1\",\"token_type\":\"DPoP\"}";
        assertThatThrownBy(() -> mint(minter))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageNotContaining("at-1");
        String basic = asked.get(0).get(":authorization");
        assertThat(new String(Base64.getDecoder().decode(basic.substring("Basic ".length())), StandardCharsets.UTF_8))
                .isEqualTo("er+rand:a%3Ab");
        status = 401;
        answer = form -> "{\"error_description\":\"secret a:b\"}";
        assertThatThrownBy(() -> mint(minter))
                .isInstanceOf(CredentialUnavailableException.class)
                .hasMessageNotContaining("a:b");
        status = 200;
        answer = form -> "x".repeat(70_000);
        assertThatThrownBy(() -> mint(minter)).isInstanceOf(CredentialUnavailableException.class);
    }

    @Test
    void impersonate_namesHumanGroupsAndTask_underItsOwnBearer() throws Exception {
        Files.writeString(directory.resolve("bearer"), "own\n");
        Minter minter = new ImpersonateConfig(
                        new ImpersonateConfig.Bearer("bearer"), null, List.of("agents", "release"), null, null, null)
                .minter(opening);
        Map<String, String> headers = headers(minter, mint(minter));
        assertThat(headers)
                .containsEntry("Authorization", "Bearer own")
                .containsEntry("Impersonate-User", "errand:https://idp.example.org#user:7f3c")
                .containsEntry("Impersonate-Group", "errand:agents\nerrand:release")
                .containsEntry("Impersonate-Extra-errand.dev%2Ftask", "t-1")
                .containsEntry("Impersonate-Extra-errand.dev%2Fagent", "spiffe://example.org/agent/release-bot");
        Minter bare = new ImpersonateConfig(
                        new ImpersonateConfig.Bearer("bearer"), Subject.AGENT, null, false, "x:", null)
                .minter(opening);
        assertThat(headers(bare, mint(bare)))
                .containsOnlyKeys("Authorization", "Impersonate-User")
                .containsEntry("Impersonate-User", "x:spiffe://example.org/agent/release-bot");
    }

    @Test
    void taskJwt_inAHeaderOfItsOwn_standsAlone() {
        Minter minter = new TaskJwtConfig("a", null, null, null, "X-Task", null).minter(opening);
        Lease lease = mint(minter);
        assertThat(headers(minter, lease))
                .containsExactly(Map.entry("X-Task", lease.sent().reveal("")));
        assertThat(minter.headerNames()).containsExactly("x-task");
        Minter bearer = new TaskJwtConfig("a", null, null, null, null, null).minter(opening);
        assertThat(headers(bearer, mint(bearer)).get("Authorization")).startsWith("Bearer ey");
        assertThat(lease.toString()).isEqualTo("***");
    }
}

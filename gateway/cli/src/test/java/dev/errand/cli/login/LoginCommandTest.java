package dev.errand.cli.login;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.errand.cli.Errand;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code errand login} against a provider that answers as the test says; KeycloakLogin has a real one. */
@Execution(ExecutionMode.CONCURRENT)
class LoginCommandTest {
    private static final String JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final List<Map<String, String>> forms = new CopyOnWriteArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private String metadata = "\"authorization_endpoint\": \"@/authorize?kept=1\", \"token_endpoint\": \"@/token\","
            + " \"device_authorization_endpoint\": \"@/device\"";
    private HttpServer provider;

    @BeforeEach
    void start() throws IOException {
        provider = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
        provider.createContext("/.well-known/openid-configuration", exchange -> {
            byte[] body = ("{\"issuer\": \"@\", " + metadata + "}")
                    .replace("@", issuer())
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        provider.createContext("/", exchange -> {
            String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            forms.add(pairs(form));
            String answer = answers.size() > 1 ? answers.remove(0) : answers.isEmpty() ? "404 {}" : answers.get(0);
            byte[] body = answer.substring(4).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(Integer.parseInt(answer.substring(0, 3)), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        provider.start();
    }

    @AfterEach
    void stop() {
        provider.stop(0);
    }

    private String issuer() {
        return "http://127.0.0.1:" + provider.getAddress().getPort();
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new HashMap<>();
        for (String pair : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                pairs.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return pairs;
    }

    private CompletableFuture<Integer> login(String... more) {
        List<String> words = new ArrayList<>(List.of("login", "--issuer", issuer(), "--client-id", "cli"));
        words.addAll(Arrays.asList(more));
        return CompletableFuture.supplyAsync(() -> Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new)));
    }

    private int exit(CompletableFuture<Integer> login) throws Exception {
        return login.get(60, TimeUnit.SECONDS);
    }

    /** The address that the human is told to open. */
    private String question() throws Exception {
        Pattern shown = Pattern.compile("(http\\S+/authorize\\S+)");
        for (int i = 0; i < 600; i++) {
            Matcher matcher = shown.matcher(err.toString());
            if (matcher.find()) {
                return matcher.group(1);
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError(err.toString());
    }

    private static HttpResponse<String> browser(String url) throws Exception {
        return HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void codeFlow_isPkceWithALoopbackRedirectAndOneState() throws Exception {
        answers.add("200 {\"access_token\": \"" + JWT + "\"}");
        CompletableFuture<Integer> login = login(
                "--scope",
                "openid groups",
                "--resource",
                "https://gw.example.org",
                "--authorization-details",
                "[{\"type\":\"errand_start\"}]",
                "--acr-values",
                "gold silver",
                "--max-age",
                "300");
        Map<String, String> asked = pairs(question().replaceFirst("[^?]*[?]", ""));
        assertThat(asked)
                .containsEntry("kept", "1")
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "cli")
                .containsEntry("scope", "openid groups")
                .containsEntry("resource", "https://gw.example.org")
                .containsEntry("authorization_details", "[{\"type\":\"errand_start\"}]")
                .containsEntry("acr_values", "gold silver")
                .containsEntry("max_age", "300")
                .containsEntry("code_challenge_method", "S256");
        String redirect = asked.get("redirect_uri");
        assertThat(redirect).matches("http://127\\.0\\.0\\.1:[0-9]+/callback");
        for (String stranger :
                List.of("?code=evil", "?code=evil&state=other", "/more?code=evil&state=" + asked.get("state"))) {
            assertThat(browser(redirect + stranger).statusCode()).isEqualTo(400);
        }
        assertThat(browser(redirect + "?code=good&state=" + asked.get("state") + "&iss=" + issuer())
                        .body())
                .contains("logged in");
        assertThat(exit(login)).as(err.toString()).isZero();
        assertThat(out.toString()).isEqualTo(JWT + "\n");
        assertThat(err.toString()).doesNotContain(JWT);
        Map<String, String> form = forms.get(0);
        assertThat(form)
                .containsEntry("grant_type", "authorization_code")
                .containsEntry("code", "good")
                .containsEntry("redirect_uri", redirect)
                .containsEntry("client_id", "cli")
                .containsEntry("resource", "https://gw.example.org");
        assertThat(Sha256.base64UrlOf(form.get("code_verifier"))).isEqualTo(asked.get("code_challenge"));
        assertThat(forms).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            error=access_denied&error_description=not+today | the provider refused: access_denied (not today)
            code=good&iss=https://other.example.org         | the answer is of another provider than
            code=good                                       | the provider gave no token: invalid_grant (too late)
            """)
    void codeFlow_thatIsRefused_saysWhy(String query, String why) throws Exception {
        answers.add("400 {\"error\": \"invalid_grant\", \"error_description\": \"too late\"}");
        CompletableFuture<Integer> login = login();
        Map<String, String> asked = pairs(question().replaceFirst("[^?]*[?]", ""));
        browser(asked.get("redirect_uri") + "?" + query + "&state=" + asked.get("state"));
        assertThat(exit(login)).isEqualTo(1);
        assertThat(err.toString()).contains(why).doesNotContain("\tat ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void deviceFlow_waitsForTheHuman() throws Exception {
        answers.addAll(List.of(
                "200 {\"device_code\": \"dc\", \"user_code\": \"ABCD-EFGH\", \"verification_uri\": \"https://idp/device\", \"interval\": 1, \"expires_in\": 60}",
                "400 {\"error\": \"authorization_pending\"}",
                "200 {\"access_token\": \"" + JWT + "\"}"));
        Path file = directory.resolve("human.jwt");
        Files.writeString(file, "older");
        assertThat(exit(login("--device", "--out", file.toString())))
                .as(err.toString())
                .isZero();
        assertThat(err.toString()).contains("https://idp/device", "ABCD-EFGH");
        assertThat(out.toString()).isEmpty();
        assertThat(file).hasContent(JWT);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(forms).hasSize(3);
        assertThat(forms.get(2))
                .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
                .containsEntry("device_code", "dc");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            400 {"error": "access_denied"}   | the provider refused: access_denied
            400 {"error": "expired_token"}   | the provider refused: expired_token
            500 oops                         | the provider refused: status 500
            """)
    void deviceFlow_thatIsRefused_saysWhy(String answer, String why) throws Exception {
        answers.addAll(List.of(
                "200 {\"device_code\": \"dc\", \"user_code\": \"A\", \"verification_uri\": \"https://idp/device\", \"interval\": 1}",
                answer));
        assertThat(exit(login("--device"))).isEqualTo(1);
        assertThat(err.toString()).contains(why);
    }

    @Test
    void deviceFlow_atAProviderThatHasNone_saysSo() throws Exception {
        metadata = "\"token_endpoint\": \"@/token\"";
        assertThat(exit(login("--device"))).isEqualTo(1);
        assertThat(err.toString()).contains("has no device_authorization_endpoint: log in without --device");
        assertThat(exit(login())).isEqualTo(1);
        assertThat(err.toString()).contains("has no authorization_endpoint: try --device");
    }

    @Test
    void token_thatIsNoJwt_isTheIdTokenOrAFault() throws Exception {
        String begun =
                "200 {\"device_code\": \"dc\", \"user_code\": \"A\", \"verification_uri\": \"https://idp/device\", \"interval\": 1}";
        answers.addAll(List.of(begun, "200 {\"access_token\": \"opaque\", \"id_token\": \"" + JWT + "\"}"));
        assertThat(exit(login("--device"))).isZero();
        assertThat(out.toString()).isEqualTo(JWT + "\n");
        assertThat(err.toString()).contains("--subject-token-type id_token");
        answers.clear();
        answers.addAll(List.of(begun, "200 {\"access_token\": \"opaque\"}"));
        assertThat(exit(login("--device"))).isEqualTo(1);
        assertThat(err.toString()).contains("the provider gave no JWT").doesNotContain("opaque");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--authorization-details={}", "--authorization-details=[", "--port=70000", "--max-age=-1"})
    void badOption_isAUsageError(String option) throws Exception {
        assertThat(exit(login(option))).isEqualTo(2);
    }

    @Test
    void provider_thatIsNoneOrAnother_isToldAtOnce() throws Exception {
        assertThat(exit(login("--out", directory.resolve("none/human.jwt").toString())))
                .isEqualTo(1);
        assertThat(err.toString()).contains("its directory does not exist");
        provider.stop(0);
        assertThat(exit(login())).isEqualTo(1);
        assertThat(err.toString()).contains("does not answer");
        for (String issuer : List.of("http://idp.example.org", "not an address")) {
            int exit = Errand.commandLine()
                    .setErr(new PrintWriter(err, true))
                    .execute("login", "--issuer", issuer, "--client-id", "c");
            assertThat(exit).isEqualTo(1);
        }
        assertThat(err.toString()).contains("must be https://", "is no address").doesNotContain("\tat ");
    }
}

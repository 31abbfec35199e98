package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.gateway.cli.Errand;
import dev.errand.json.JsonValue.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code errand login} at a real Keycloak, with a client of HTTP that plays the browser. Run by the profile {@code real-servers}. */
@Tag("keycloak")
class KeycloakLoginIT {
    private static Keycloak keycloak;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @BeforeAll
    static void start() throws Exception {
        keycloak = new Keycloak(Path.of(System.getProperty("keycloak.home", "")));
    }

    @AfterAll
    static void stop() {
        keycloak.close();
    }

    private CompletableFuture<Integer> login(String... more) {
        List<String> words =
                new ArrayList<>(List.of("login", "--issuer", keycloak.issuer(), "--client-id", Keycloak.CLIENT));
        words.addAll(List.of(more));
        return CompletableFuture.supplyAsync(() -> Errand.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new)));
    }

    private String shown(String pattern) throws Exception {
        for (int i = 0; i < 600; i++) {
            Matcher matcher = Pattern.compile(pattern).matcher(err.toString());
            if (matcher.find()) {
                return matcher.group(1);
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new AssertionError(err.toString());
    }

    private void isAdas() {
        JsonObject claims = Jws.claims(out.toString().strip());
        assertThat(claims.string("iss")).isEqualTo(keycloak.issuer());
        assertThat(claims.string("azp")).isEqualTo(Keycloak.CLIENT);
        assertThat(String.valueOf(claims.get("groups"))).contains("release-managers");
        assertThat(claims.string("aud")).isEqualTo("errand");
    }

    @Test
    void login_byTheCodeFlow_isTheHumansToken() throws Exception {
        CompletableFuture<Integer> login = login();
        new KeycloakBrowser().logIn(shown("(http\\S+/auth\\S+)"), "ada", Keycloak.PASSWORD);
        assertThat(login.get(60, TimeUnit.SECONDS)).as(err.toString()).isZero();
        isAdas();
    }

    @Test
    void login_byDevice_isTheHumansToken() throws Exception {
        CompletableFuture<Integer> login = login("--device");
        new KeycloakBrowser().grant(shown("or open (http\\S+)"), "ada", Keycloak.PASSWORD);
        assertThat(login.get(60, TimeUnit.SECONDS)).as(err.toString()).isZero();
        isAdas();
    }
}

package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonObject;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** {@code errand login} at a real Keycloak, with a client of HTTP that plays the browser. Run by {@link KeycloakIT}. */
abstract class KeycloakLogin {
    private static KeycloakRealm realm;

    @BeforeAll
    static void start() throws Exception {
        realm = KeycloakIT.keycloak.realm(
                "login", KeycloakRealm.text("login", "", KeycloakRealm.commandLine("errand"), ""));
    }

    private static void isAdas(String token) {
        JsonObject claims = Jws.claims(token);
        assertThat(claims.string("iss")).isEqualTo(realm.issuer());
        assertThat(claims.string("azp")).isEqualTo(KeycloakRealm.CLIENT);
        assertThat(String.valueOf(claims.get("groups"))).contains("release-managers");
        assertThat(claims.string("aud")).isEqualTo("errand");
    }

    @Test
    void login_byTheCodeFlow_isTheHumansToken() throws Exception {
        isAdas(new CommandLineLogin(realm).run(url -> new KeycloakBrowser().logIn(url, "ada", Keycloak.PASSWORD)));
    }

    @Test
    void login_byDevice_isTheHumansToken() throws Exception {
        isAdas(new CommandLineLogin(realm)
                .run(
                        url -> new KeycloakBrowser().grant(url, "ada", Keycloak.PASSWORD),
                        Pattern.compile("or open (http\\S+)"),
                        "--device"));
    }
}

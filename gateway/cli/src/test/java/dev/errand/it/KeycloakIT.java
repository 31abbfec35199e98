package dev.errand.it;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;

/**
 * What is tried at a real Keycloak. It starts once for all: its start takes longer than the tests. Run by the Maven profile
 * {@code real-servers}.
 */
@Tag("keycloak")
class KeycloakIT {
    static Keycloak keycloak;

    @BeforeAll
    static void start() throws Exception {
        keycloak = new Keycloak(Path.of(System.getProperty("keycloak.home", "")));
    }

    @AfterAll
    static void stop() {
        if (keycloak != null) {
            keycloak.close();
        }
    }

    @Nested
    class Start extends KeycloakStart {}

    @Nested
    class Login extends KeycloakLogin {}

    @Nested
    @Tag("chromium")
    class Approval extends KeycloakApproval {}

    @Nested
    class Exchange extends KeycloakExchange {}

    @Nested
    class Consent extends KeycloakConsent {}
}

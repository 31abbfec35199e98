package dev.errand.credential;

import dev.errand.config.ConfigurationException;
import java.util.function.BiConsumer;

/** Checks of the configuration that several kinds of credential share. */
final class Faults {
    private Faults() {}

    static void audience(String kind, String audience, BiConsumer<String, String> fault) {
        if (audience.isBlank()) {
            fault.accept(kind + ".audience", "'" + kind + ".audience' is empty: name whom the JWT is for");
        }
    }

    static void address(
            CredentialConfig.CredentialContext opening, String key, String value, BiConsumer<String, String> fault) {
        try {
            opening.server(key, value);
        } catch (ConfigurationException e) {
            fault.accept(key, String.valueOf(e.getMessage()));
        }
    }
}

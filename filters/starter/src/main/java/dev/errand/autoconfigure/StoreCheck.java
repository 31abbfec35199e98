package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.state.redis.link.StoreAccess;
import java.io.IOException;
import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Checks {@code errand.state} without asking the store. Each fault is placed at its key. */
final class StoreCheck {
    private static final Duration LONGEST_WAIT = Duration.ofHours(24);
    private static final Duration SHORTEST_CONNECT = Duration.ofMillis(100);
    private static final Duration LONGEST_CONNECT = Duration.ofSeconds(60);

    private StoreCheck() {}

    /** @param places runs a check and adds its faults at a key */
    public static void check(ErrandProperties properties, BiConsumer<String, Runnable> places) {
        ErrandProperties.State state = properties.state();
        places.accept("errand.state.wait", () -> waiting(state.waiting()));
        places.accept("errand.state.connect-timeout", () -> connecting(state.connectTimeout()));
        if (state.isEmbedded()) {
            alone(places, "authorities", state.authorities());
            alone(places, "username", state.username());
            alone(places, "password", state.password());
            return;
        }
        places.accept("errand.state.redis", () -> StateConfiguration.address(properties));
        places.accept("errand.state.authorities", () -> PemAuthorities.check(properties::file, state.authorities()));
        places.accept("errand.state.username", () -> username(state));
        places.accept("errand.state.password", () -> password(properties));
    }

    private static void waiting(Duration wait) {
        if (wait.isNegative() || wait.compareTo(LONGEST_WAIT) > 0) {
            throw ConfigurationException.of("'errand.state.wait' must be 0 to 24h, found " + wait.toSeconds() + "s");
        }
    }

    private static void connecting(Duration limit) {
        if (limit.compareTo(SHORTEST_CONNECT) < 0 || limit.compareTo(LONGEST_CONNECT) > 0) {
            throw ConfigurationException.of(
                    "'errand.state.connect-timeout' must be 100ms to 60s, found " + limit.toMillis() + "ms");
        }
    }

    private static void alone(BiConsumer<String, Runnable> places, String key, @Nullable String value) {
        if (value != null) {
            places.accept("errand.state." + key, () -> {
                throw ConfigurationException.of("'errand.state." + key
                        + "' is for a server of your own, but 'errand.state.redis' is embedded: remove one of them");
            });
        }
    }

    private static void username(ErrandProperties.State state) {
        String name = state.username();
        if (name == null) {
            return;
        }
        if (name.isBlank() || name.chars().anyMatch(Character::isWhitespace)) {
            throw ConfigurationException.of("must be a user of the store's ACL, without a space, found '" + name + "'");
        }
        if (state.password() == null) {
            throw ConfigurationException.of("'errand.state.username' needs 'errand.state.password': a file with the"
                    + " password of '" + name + "'");
        }
    }

    private static void password(ErrandProperties properties) {
        String value = properties.state().password();
        if (value == null) {
            return;
        }
        if (!value.startsWith("file:")) {
            throw ConfigurationException.of("must be 'file:' and a path: no secret stands in the configuration");
        }
        try {
            StoreAccess.read(properties.file(value));
        } catch (IOException e) {
            String said = e.getClass() == IOException.class
                    ? String.valueOf(e.getMessage())
                    : properties.file(value) + " does not exist or cannot be read: put the password there, in one line";
            throw ConfigurationException.of(said);
        }
    }
}

package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import java.nio.file.Path;

/**
 * Checks that there is a {@code state} key, which a sign-in needs if the store is shared. Reads the file of keys; for
 * one thread.
 */
final class SessionKey {
    private SessionKey() {}

    /**
     * The store holds the sessions of people. Without our MAC on them, whoever can write to a shared Redis could forge
     * a session for anybody. A file of keys that cannot be read is reported at {@code errand.keys}.
     */
    static void check(ErrandProperties properties) {
        if (properties.state().isEmbedded()) {
            return;
        }
        Path file = properties.file(properties.keys());
        if (!isMissing(file)) {
            return;
        }
        throw ConfigurationException.of(
                file + " has no key of use 'state', so whoever can write to the shared Redis could"
                        + " make a session for anybody: `errand keys new` makes such a key; put it into " + file
                        + " on all replicas");
    }

    /** Whether a file of keys that can be read has no key of use {@code state}. */
    static boolean isMissing(Path file) {
        try {
            return KeyRing.load(file).stateKeys().isEmpty();
        } catch (KeyFileException unreadable) {
            return false;
        }
    }
}

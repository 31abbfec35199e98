package dev.errand.autoconfigure.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.config.ConfigurationException;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import java.nio.file.Path;

/** The {@code state} key, which a sign-in needs if the store is shared. Reads the file of keys; one thread. */
final class SessionKey {
    private SessionKey() {}

    /**
     * Sessions of people are in the store. Without a code of ours on them, whoever can write to a shared Redis can make
     * a session for anybody. A file that cannot be read is the fault of {@code errand.keys}.
     */
    static void check(ErrandProperties properties) {
        if (properties.state().isEmbedded()) {
            return;
        }
        Path file = properties.file(properties.keys());
        try {
            if (!KeyRing.load(file).stateKeys().isEmpty()) {
                return;
            }
        } catch (KeyFileException unreadable) {
            return;
        }
        throw ConfigurationException.of(
                file + " has no key of use 'state', so whoever can write to the shared Redis could"
                        + " make a session for anybody: `errand keys new` makes such a key; put it into " + file
                        + " on all replicas");
    }
}

package dev.errand.autoconfigure;

import dev.errand.jose.KeyRing;
import dev.errand.jose.SigningKey;
import dev.errand.token.HolderKey;
import dev.errand.token.KeyUse;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the gateway's keys and their changes, by their ids. */
final class KeyChanges {
    private static final Logger LOG = LoggerFactory.getLogger(KeyChanges.class);

    private KeyChanges() {}

    /** Logs the keys at a start, at level DEBUG: the first line of a start is for people. */
    static void started(KeyRing keys) {
        LOG.debug("keys {}", summary(keys));
        if (keys.issuingKey().isEmpty()) {
            LOG.info("no private key of use issue: /oauth2/token answers 503, all else works");
        }
    }

    /** Logs a reload. What a key signed for a use is refused from now on if the key is gone or has lost that use. */
    public static void taken(KeyRing before, KeyRing now) {
        LOG.info("keys taken up {}", summary(now));
        if (before.issuingKey().isPresent() && now.issuingKey().isEmpty()) {
            LOG.warn("no private key of use issue any more: /oauth2/token answers 503 from now on");
        }
        for (KeyUse use : KeyUse.SIGNING) {
            Set<String> gone = ids(before, use);
            gone.removeAll(ids(now, use));
            gone.forEach(id -> LOG.warn(
                    "key={} is gone for use={}: everything that it signed for this use is refused from now on",
                    id,
                    use.wire()));
        }
    }

    private static String summary(KeyRing keys) {
        return "issue=" + keys.issuingKey().map(SigningKey::id).orElse("none")
                + " txn=" + keys.transactionKey().id()
                + " message=" + keys.messageKey().id()
                + " log=" + keys.checkpointKey().id()
                + " state=" + keys.stateKeys().size()
                + " published=" + keys.ids();
    }

    private static Set<String> ids(KeyRing keys, KeyUse use) {
        Set<String> ids = new TreeSet<>();
        for (HolderKey key : keys.verificationKeys(use)) {
            ids.add(String.valueOf(key.jwk().string("kid")));
        }
        return ids;
    }
}

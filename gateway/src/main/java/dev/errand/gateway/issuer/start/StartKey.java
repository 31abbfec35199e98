package dev.errand.gateway.issuer.start;

import dev.errand.bytes.Sha256;
import dev.errand.identity.Human;

/** What the {@code starts} limits of a template count by: template, human and agent. */
public final class StartKey {
    private StartKey() {}

    /** The key in the shared state, a hash that gives none of them away. */
    public static String of(String template, Human human, String agent) {
        return Sha256.base64UrlOf(
                template + '\n' + lengthPrefixed(human.issuer()) + lengthPrefixed(human.subject()) + agent);
    }

    private static String lengthPrefixed(String text) {
        return text.length() + ":" + text + '\n';
    }
}

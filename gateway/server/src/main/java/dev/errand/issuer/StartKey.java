package dev.errand.issuer;

import dev.errand.token.Human;
import dev.errand.token.Sha256;

/** The key by which the {@code starts} limits of a template count: template, human and agent. */
public final class StartKey {
    private StartKey() {}

    /** The key in the shared state: a hash that reveals none of the three. */
    public static String of(String template, Human human, String agent) {
        return Sha256.base64UrlOf(
                template + '\n' + lengthPrefixed(human.issuer()) + lengthPrefixed(human.subject()) + agent);
    }

    private static String lengthPrefixed(String text) {
        return text.length() + ":" + text + '\n';
    }
}

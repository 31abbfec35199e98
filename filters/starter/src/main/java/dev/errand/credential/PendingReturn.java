package dev.errand.credential;

import dev.errand.token.Sha256;

/**
 * A credential that is to be given back. Immutable; prints no secret.
 *
 * @param instance the replica that had it
 * @param task the task that it was for, as records show it
 * @param upstream the name under {@code errand.upstreams}
 * @param sent the credential
 * @param endNanos when it ends by itself, {@link System#nanoTime}
 * @param attempts how often its server was asked
 */
record PendingReturn(
        String instance, String task, String upstream, Minter minter, Secret sent, long endNanos, int attempts) {
    /** The id under which a credential is left in the store. */
    static String id(Secret sent) {
        return Sha256.base64UrlOf(sent.reveal(""));
    }

    String id() {
        return id(sent);
    }

    PendingReturn again() {
        return new PendingReturn(instance, task, upstream, minter, sent, endNanos, attempts + 1);
    }

    @Override
    public String toString() {
        return upstream + " ***";
    }
}

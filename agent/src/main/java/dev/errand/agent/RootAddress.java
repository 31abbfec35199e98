package dev.errand.agent;

import org.jspecify.annotations.Nullable;

/**
 * A listener with a single route at its root, and the credential that a tool needs there.
 *
 * @param hostPort such as {@code 127.0.0.1:40123}
 * @param password for Basic or Bearer, or the secret key of Signature Version 4
 * @param authority the certificate of the authority whose certificate the listener shows, as PEM; null if it speaks no TLS
 */
record RootAddress(
        TaskRoute route,
        String hostPort,
        String user,
        String password,
        @Nullable String authority) {}

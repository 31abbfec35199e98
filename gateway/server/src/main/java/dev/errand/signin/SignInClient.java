package dev.errand.signin;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The client that the gateway is at an identity provider for sign-ins. Immutable.
 *
 * @param issuer the provider, as it names itself
 * @param secretFile the file of the client's secret, read at each exchange; null for a public client
 * @param scope as RFC 6749 section 3.3 has it
 * @param resource the server that the token is for (RFC 8707); null if the scope says so
 * @param callback the {@code redirect_uri}
 * @param cookie the name of the sign-in's own cookie, which begins with {@code __Host-}
 */
public record SignInClient(
        String issuer,
        String clientId,
        @Nullable Path secretFile,
        String scope,
        @Nullable String resource,
        String callback,
        HostCookie cookie) {}

package dev.errand.gateway.signin;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * As which client the gateway sends people to an identity provider. Immutable.
 *
 * @param issuer the provider, as it names itself
 * @param secretFile the file of the client's secret, read anew at each exchange; null for a public client
 * @param scope as RFC 6749 section 3.3 has it
 * @param resource for whom the token is to be (RFC 8707); null where the provider is told by the scope
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

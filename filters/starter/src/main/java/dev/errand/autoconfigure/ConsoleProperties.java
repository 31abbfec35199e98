package dev.errand.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The pages for people.
 *
 * @param login where people sign in to the pages of approvals; null: there are no such pages
 */
public record ConsoleProperties(@Nullable Login login) {
    /**
     * The client at an identity provider with which people sign in.
     *
     * @param issuer one of the identity providers under {@code errand.trust.humans}
     * @param secretFile a {@code file:}; null for a public client
     * @param scope the scope to ask for
     * @param resource the resource that the token is for (RFC 8707); null: {@code errand.approvals.audience} if that is
     *     an absolute URI, else none; {@code none}: the request has no {@code resource}
     */
    public record Login(
            String issuer,
            String clientId,
            @Nullable String secretFile,
            @DefaultValue("openid") String scope,
            @Nullable String resource) {
        /** The value for a request without {@code resource}. */
        public static final String NONE = "none";
    }
}

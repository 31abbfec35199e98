package dev.errand.autoconfigure.operator;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The pages that people see.
 *
 * @param login where people sign in for the pages of approvals; null: there are no such pages
 */
public record ConsoleProperties(@Nullable Login login) {
    /**
     * The client at an identity provider by which people sign in.
     *
     * @param issuer one of the identity providers under {@code errand.trust.humans}
     * @param secretFile a {@code file:}; null for a public client
     * @param scope what is asked for
     * @param resource for whom the token is to be (RFC 8707); null: {@code errand.approvals.audience} where that is an absolute
     *     URI, else none; {@code none}: the provider is told by the scope
     */
    public record Login(
            String issuer,
            String clientId,
            @Nullable String secretFile,
            @DefaultValue("openid") String scope,
            @Nullable String resource) {
        /** The word for no {@code resource}. */
        public static final String NONE = "none";
    }
}

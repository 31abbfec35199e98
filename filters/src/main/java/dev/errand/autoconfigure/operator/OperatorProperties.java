package dev.errand.autoconfigure.operator;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The operator port.
 *
 * @param token the credential of the operator who has no other name: a {@code file:}; made at first start if it is absent
 * @param advertise the URL at which the other replicas reach the port; null for the port's own address on loopback
 * @param console the URL at which browsers reach the console; null for {@code advertise}
 */
public record OperatorProperties(
        @DefaultValue("file:data/operator-token") String token,
        @Nullable String advertise,
        @Nullable String console) {
    /** What an operator may do. */
    public enum Role {
        /** Look, and change nothing. */
        VIEW,
        OPERATE
    }

    /**
     * An operator: whoever has the token of the file, or whoever has a JWT of the issuer that satisfies the rest.
     *
     * @param name by which changes are recorded
     * @param tokenFile a {@code file:}
     * @param jwks where the issuer's keys are, {@code file:} or {@code https:}
     * @param audience what the JWT is for: none by which humans start tasks
     * @param claim one of whose values must be among {@code any}
     * @param login where the operator signs in with a browser, at the issuer; null where the console offers no such sign-in
     */
    public record Named(
            String name,
            @Nullable String tokenFile,
            @Nullable String issuer,
            @Nullable String jwks,
            @Nullable String audience,
            @Nullable String claim,
            @DefaultValue List<String> any,
            Role role,
            @Nullable Login login) {}

    /**
     * The client at which operators sign in to the console.
     *
     * @param secretFile a {@code file:} with the client's secret; null for a public client
     * @param scope as the provider wants it
     * @param resource for whom the token is to be (RFC 8707); null: the entry's audience where that is an absolute URI, else none;
     *     {@code none}: the provider is told by the scope
     */
    public record Login(
            String clientId,
            @Nullable String secretFile,
            @DefaultValue("openid") String scope,
            @Nullable String resource) {}
}

package dev.errand.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The operator port.
 *
 * @param token a {@code file:} with the credential of the operator without an entry; made at first start if it is absent
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
     * An operator: whoever has the token of the file, or a JWT of the issuer that satisfies the other keys.
     *
     * @param name the name under which changes are recorded
     * @param tokenFile a {@code file:}
     * @param jwks the issuer's keys, {@code file:} or {@code https:}
     * @param audience the {@code aud} that the JWT needs; not one with which humans start tasks
     * @param claim the claim that must have one of the values of {@code any}
     * @param login how the operator signs in with a browser, at the issuer; null if the console offers no such sign-in
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
     * The client with which operators sign in to the console.
     *
     * @param secretFile a {@code file:} with the client's secret; null for a public client
     * @param scope the scope to ask for
     * @param resource the resource that the token is for (RFC 8707); null: the entry's audience if that is an absolute
     *     URI, else none; {@code none}: the request has no {@code resource}
     */
    public record Login(
            String clientId,
            @Nullable String secretFile,
            @DefaultValue("openid") String scope,
            @Nullable String resource) {}
}

package dev.errand.token;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One verified token of a chain.
 *
 * @param id the hash that keys the token's state
 * @param jti its own identifier, unique in the chain
 * @param issuer the anchor's issuer for a root, else the thumbprint URI of the parent's key
 * @param issuedAt {@code iat}, epoch seconds
 * @param expiry {@code exp}, epoch seconds
 * @param holder the key it is bound to ({@code cnf.jwk})
 * @param audience {@code aud}; empty where absent
 * @param depth {@code del_depth}, 0 for a root
 * @param maxDepth {@code del_max_depth}
 * @param capability what it grants
 * @param bounds its {@code errand_task} details, {@link TaskBounds#NONE} where absent
 * @param actor its {@code act.sub}: authoritative in a root, a claim of the holder's elsewhere
 * @param instruction the instruction that it carries, or null
 */
public record DelegationToken(
        TokenId id,
        String jti,
        String issuer,
        long issuedAt,
        long expiry,
        HolderKey holder,
        List<String> audience,
        int depth,
        int maxDepth,
        Capability capability,
        TaskBounds bounds,
        @Nullable String actor,
        @Nullable Instruction instruction)
        implements BoundToken {
    public DelegationToken {
        audience = List.copyOf(audience);
    }
}

package dev.errand.delegation.chain;

import dev.errand.delegation.DelegationToken;

/**
 * One token that passed the steps for a single token, with what the steps over the whole chain still need of it.
 *
 * @param capabilities the number of its capability entries (step 6a)
 * @param audienceMalformed whether its {@code aud} is there but names nobody (step 6c)
 */
record Link(DelegationToken token, int capabilities, boolean audienceMalformed) {
    static Link of(DelegationToken token, Details details, Claims claims) {
        return new Link(
                token,
                details.capabilities().size(),
                claims.has("aud") && token.audience().isEmpty());
    }
}

package dev.errand.token;

/**
 * One token that passed the steps for a single token, and what the steps for the whole chain still need.
 *
 * @param capabilities the number of its capability entries (step 6a)
 * @param audienceMalformed whether its {@code aud} is present but malformed (step 6c)
 */
record Link(DelegationToken token, int capabilities, boolean audienceMalformed) {
    static Link of(DelegationToken token, Details details, Claims claims) {
        return new Link(
                token,
                details.capabilities().size(),
                claims.has("aud") && token.audience().isEmpty());
    }
}

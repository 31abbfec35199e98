package dev.errand.web.call;

import java.time.Duration;

/**
 * What the filters need to know of the configuration.
 *
 * @param issuer the gateway's own identifier
 * @param observe whether decisions are only observed
 * @param gateway the name of this replica
 * @param proofWindow how far a proof's {@code iat} may lie before or after now
 * @param permitAge how long after its step was asked for a call may be sent
 * @param asking whether humans are asked about calls: the format of the state keeps what they are asked
 * @param returning whether the format of the state keeps values of answers
 */
public record Settings(
        String issuer,
        boolean observe,
        String gateway,
        Duration proofWindow,
        Duration permitAge,
        boolean asking,
        boolean returning) {}

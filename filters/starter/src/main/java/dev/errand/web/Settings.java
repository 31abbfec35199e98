package dev.errand.web;

import java.time.Duration;

/**
 * What the filters need to know of the configuration.
 *
 * @param issuer the gateway's own identifier
 * @param observe whether decisions are only observed
 * @param gateway the name of this replica
 * @param proofWindow how far a proof's {@code iat} may lie before or after now
 * @param permitAge how long after its step was asked for a call may be sent
 */
public record Settings(String issuer, boolean observe, String gateway, Duration proofWindow, Duration permitAge) {}

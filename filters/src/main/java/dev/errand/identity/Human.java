package dev.errand.identity;

/**
 * The human on whose behalf a task runs. A subject alone names nobody: two issuers may use the same one.
 *
 * @param issuer the identity provider's {@code iss}
 * @param subject its {@code sub}
 */
public record Human(String issuer, String subject) {}

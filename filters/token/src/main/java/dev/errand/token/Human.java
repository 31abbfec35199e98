package dev.errand.token;

/**
 * The human on whose behalf a task runs. Two issuers may use the same subject, so only both together name a human.
 *
 * @param issuer the identity provider's {@code iss}
 * @param subject its {@code sub}
 */
public record Human(String issuer, String subject) {}

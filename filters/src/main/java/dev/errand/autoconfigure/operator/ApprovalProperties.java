package dev.errand.autoconfigure.operator;

import org.jspecify.annotations.Nullable;

/**
 * How humans approve calls.
 *
 * @param audience what {@code aud} of a token must hold by which a human approves; null: the issuer and {@code /approvals}
 * @param url the address of the pages, {@code https://host[:port]}, at which nothing else is served; null: the issuer
 */
public record ApprovalProperties(
        @Nullable String audience, @Nullable String url) {}

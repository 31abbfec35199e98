package dev.errand.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * How humans approve calls.
 *
 * @param audience the {@code aud} that a token needs to approve calls; null: the issuer followed by {@code /approvals}
 * @param url the address of the pages, {@code https://host[:port]}, at which nothing else is served; null: the issuer
 */
public record ApprovalProperties(
        @Nullable String audience, @Nullable String url) {}

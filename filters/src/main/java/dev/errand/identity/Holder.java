package dev.errand.identity;

import org.jspecify.annotations.Nullable;

/**
 * The holder of one token in a chain, as the record and the Txn-Token name it.
 *
 * @param jkt the thumbprint of the key that the token is bound to
 * @param subject the workload that the token says holds it (its {@code act.sub}), if it says so
 * @param attested whether that subject was proven: by the issuer for a root, by a presented SVID for a derived token
 */
public record Holder(KeyThumbprint jkt, @Nullable String subject, boolean attested) {}

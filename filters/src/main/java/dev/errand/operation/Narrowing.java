package dev.errand.operation;

import org.jspecify.annotations.Nullable;

/**
 * One way in which this build reads a grant more narrowly than the build before. {@code errand check} warns of it at the
 * grant's line. Pure and thread-safe.
 */
@FunctionalInterface
public interface Narrowing {
    /** What a call of the grant meets now, as a sentence that begins with "since this build"; null if it is as before. */
    @Nullable String of(WrittenGrant grant);
}

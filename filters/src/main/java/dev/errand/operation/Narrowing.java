package dev.errand.operation;

import org.jspecify.annotations.Nullable;

/**
 * One way in which this build reads a grant more narrowly than the build before did. {@code errand check} warns of it
 * at the grant's line. Pure and thread-safe.
 */
@FunctionalInterface
public interface Narrowing {
    /**
     * What changes for calls under the grant, as a sentence that begins with "since this build"; null if nothing does.
     */
    @Nullable String of(WrittenGrant grant);
}

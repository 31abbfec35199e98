package dev.errand.delegation.chain;

import java.util.List;

/**
 * The trusted anchors as they are now: keys come and go without a restart, and a chain under a key that went is no longer
 * good. Thread-safe, never blocking.
 */
@FunctionalInterface
public interface Anchors {
    /** Every key that may sign a root, our own issuer's among them. */
    List<Anchor> current();
}

package dev.errand.token;

import java.util.List;

/**
 * The anchors that are trusted now. Keys are added and removed without a restart; a chain whose anchor's key was
 * removed is not valid any more. Thread-safe, never blocking.
 */
@FunctionalInterface
public interface Anchors {
    /** Every key that may sign a root, our own issuer's among them. */
    List<Anchor> current();
}

/**
 * The interface to the state that all replicas share, and its Redis implementation; Lettuce is used only here and in
 * {@code dev.errand.sink.redis}.
 */
@NullMarked
package dev.errand.state;

import org.jspecify.annotations.NullMarked;

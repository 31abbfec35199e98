/** Gateways for comparison, each configured as its own documentation recommends. */
@NullMarked
package dev.errand.peers;

import org.jspecify.annotations.NullMarked;

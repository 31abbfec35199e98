/** Gateways to compare with, each as its own documentation would have it. */
@NullMarked
package dev.errand.peers;

import org.jspecify.annotations.NullMarked;

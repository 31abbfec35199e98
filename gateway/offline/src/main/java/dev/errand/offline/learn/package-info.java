/** Learns templates from logs. */
@NullMarked
package dev.errand.offline.learn;

import org.jspecify.annotations.NullMarked;

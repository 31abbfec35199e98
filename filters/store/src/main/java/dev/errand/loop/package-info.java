/**
 * How the work of calls is distributed to event loops: where a call continues, and what the calls of one turn do
 * together.
 */
@NullMarked
package dev.errand.loop;

import org.jspecify.annotations.NullMarked;

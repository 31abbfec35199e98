/** The calls of tools: signed, sent, repeated where that is safe, and answered. */
@NullMarked
package dev.errand.agent.call;

import org.jspecify.annotations.NullMarked;

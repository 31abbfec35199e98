/** The way back: what of an upstream's answer goes on to the agent, and what answers when a filter failed. */
@NullMarked
package dev.errand.web.answer;

import org.jspecify.annotations.NullMarked;

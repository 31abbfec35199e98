/** The way back: which parts of an upstream's answer go on to the agent, and the answer if a filter failed. */
@NullMarked
package dev.errand.web.answer;

import org.jspecify.annotations.NullMarked;

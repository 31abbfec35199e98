/** The command line, COMMAND and its environment, children. */
@NullMarked
package dev.errand.agent;

import org.jspecify.annotations.NullMarked;

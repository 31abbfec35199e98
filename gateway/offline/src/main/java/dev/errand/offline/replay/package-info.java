/** Reads a recorded log as tasks, and decides it again under another template by the rules for live calls. Pure. */
@NullMarked
package dev.errand.offline.replay;

import org.jspecify.annotations.NullMarked;

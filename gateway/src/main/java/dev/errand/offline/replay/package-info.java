/** A recorded log read as tasks, and decided again under another template by the rules that judge live calls. Pure. */
@NullMarked
package dev.errand.offline.replay;

import org.jspecify.annotations.NullMarked;

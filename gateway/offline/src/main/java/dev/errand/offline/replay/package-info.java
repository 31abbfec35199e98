/** Decides recorded logs again. */
@NullMarked
package dev.errand.offline.replay;

import org.jspecify.annotations.NullMarked;

/** Event loops: the loop on which a call continues, and the common work of one turn's calls. */
@NullMarked
package dev.errand.loop;

import org.jspecify.annotations.NullMarked;

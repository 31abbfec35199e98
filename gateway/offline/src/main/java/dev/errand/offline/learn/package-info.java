/** Plans, limits and grants drafted from recorded runs, and templates written from them. Pure. */
@NullMarked
package dev.errand.offline.learn;

import org.jspecify.annotations.NullMarked;

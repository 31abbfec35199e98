/** Plans, limits and grants drafted from recorded runs, and templates written from them. Pure. */
@NullMarked
package dev.errand.learn;

import org.jspecify.annotations.NullMarked;

/** Properties and beans. No package of this module outside autoconfigure imports them. */
@NullMarked
package dev.errand.autoconfigure;

import org.jspecify.annotations.NullMarked;

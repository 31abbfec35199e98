/** Properties, checks and beans. */
@NullMarked
package dev.errand.autoconfigure;

import org.jspecify.annotations.NullMarked;

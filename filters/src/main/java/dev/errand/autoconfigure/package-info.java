/** Properties and beans; nobody imports this package. */
@NullMarked
package dev.errand.autoconfigure;

import org.jspecify.annotations.NullMarked;

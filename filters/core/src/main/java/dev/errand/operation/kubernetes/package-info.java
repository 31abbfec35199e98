/** The resolver {@code kubernetes}. */
@NullMarked
package dev.errand.operation.kubernetes;

import org.jspecify.annotations.NullMarked;

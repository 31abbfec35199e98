/** The resolver {@code s3}. */
@NullMarked
package dev.errand.operation.s3;

import org.jspecify.annotations.NullMarked;

/** The token endpoint, its metadata, the view of a task. */
@NullMarked
package dev.errand.issuer;

import org.jspecify.annotations.NullMarked;

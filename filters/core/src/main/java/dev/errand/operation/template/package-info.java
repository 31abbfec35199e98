/** The resolver {@code template}, and the import of OpenAPI documents. */
@NullMarked
package dev.errand.operation.template;

import org.jspecify.annotations.NullMarked;

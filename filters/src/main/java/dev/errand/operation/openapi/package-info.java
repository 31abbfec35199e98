/** OpenAPI documents, read for their operations only. */
@NullMarked
package dev.errand.operation.openapi;

import org.jspecify.annotations.NullMarked;

/** {@code OperationMapping}: which operations a call means, and whether proof, leaf token and template grant them. */
@NullMarked
package dev.errand.web.operation;

import org.jspecify.annotations.NullMarked;

/** Who may use the operator's port, and for what. */
@NullMarked
package dev.errand.gateway.operator.access;

import org.jspecify.annotations.NullMarked;

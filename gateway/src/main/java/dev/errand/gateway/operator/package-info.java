/** The operator's port: who may use it, and what it tells and changes. */
@NullMarked
package dev.errand.gateway.operator;

import org.jspecify.annotations.NullMarked;

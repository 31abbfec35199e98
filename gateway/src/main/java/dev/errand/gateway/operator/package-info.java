/** The operator's port: who may use it, what it shows, and what it can change. */
@NullMarked
package dev.errand.gateway.operator;

import org.jspecify.annotations.NullMarked;

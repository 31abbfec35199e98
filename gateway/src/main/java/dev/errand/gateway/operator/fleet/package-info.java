/** The whole fleet for operators: what all replicas know, and what is done to many tasks. */
@NullMarked
package dev.errand.gateway.operator.fleet;

import org.jspecify.annotations.NullMarked;

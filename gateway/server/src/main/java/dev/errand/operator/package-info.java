/** The whole fleet for operators: facts from all replicas, and changes to many tasks at once. */
@NullMarked
package dev.errand.operator;

import org.jspecify.annotations.NullMarked;

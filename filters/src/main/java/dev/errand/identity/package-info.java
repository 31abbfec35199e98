/** The names of tasks, workloads, humans and keys. Pure. */
@NullMarked
package dev.errand.identity;

import org.jspecify.annotations.NullMarked;

/** The whole fleet of replicas: the index of tasks, the locks, and the replicas. */
@NullMarked
package dev.errand.fleet;

import org.jspecify.annotations.NullMarked;

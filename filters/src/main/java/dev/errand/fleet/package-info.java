/** The whole fleet: the tasks that changed here, the locks, and the replicas. */
@NullMarked
package dev.errand.fleet;

import org.jspecify.annotations.NullMarked;

/** Sources of keys, humans, workloads. */
@NullMarked
package dev.errand.trust;

import org.jspecify.annotations.NullMarked;

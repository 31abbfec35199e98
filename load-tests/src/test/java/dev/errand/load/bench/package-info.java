/** What one call costs, room by room. Run by {@code load-tests/jmh}; the results are kept under {@code results/}. */
@NullMarked
package dev.errand.load.bench;

import org.jspecify.annotations.NullMarked;

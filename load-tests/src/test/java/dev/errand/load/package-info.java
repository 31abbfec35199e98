/** Load on a running gateway, as its agents make it: real tasks, a fresh proof for every call. */
@NullMarked
package dev.errand.load;

import org.jspecify.annotations.NullMarked;

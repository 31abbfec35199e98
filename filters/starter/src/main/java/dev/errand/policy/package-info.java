/** Which policy governs a task; candidates. */
@NullMarked
package dev.errand.policy;

import org.jspecify.annotations.NullMarked;

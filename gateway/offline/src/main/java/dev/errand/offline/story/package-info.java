/** Explains why one call was permitted or denied, from its record and, if it is given, the policy that judged it. */
@NullMarked
package dev.errand.offline.story;

import org.jspecify.annotations.NullMarked;

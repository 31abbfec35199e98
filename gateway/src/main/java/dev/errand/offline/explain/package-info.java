/** Why one call was permitted or denied, told from its record and, where it is given, the policy it was judged by. */
@NullMarked
package dev.errand.offline.explain;

import org.jspecify.annotations.NullMarked;

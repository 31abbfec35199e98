/** Records of a log in the words of others. */
@NullMarked
package dev.errand.offline.export;

import org.jspecify.annotations.NullMarked;

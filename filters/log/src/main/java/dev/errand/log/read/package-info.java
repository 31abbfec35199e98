/** Reading and searching, with the index. */
@NullMarked
package dev.errand.log.read;

import org.jspecify.annotations.NullMarked;

/** Values in the answers of upstreams: where they stand, and how they are read as an answer streams past. */
@NullMarked
package dev.errand.operation.answer;

import org.jspecify.annotations.NullMarked;

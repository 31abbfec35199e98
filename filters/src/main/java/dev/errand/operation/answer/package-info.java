/** Values in the answers of upstreams: their places, and how they are read while an answer streams past. */
@NullMarked
package dev.errand.operation.answer;

import org.jspecify.annotations.NullMarked;

/** JSON values as they were written, their canonical form and their writer; what is printed for people; durations. */
@NullMarked
package dev.errand.json;

import org.jspecify.annotations.NullMarked;

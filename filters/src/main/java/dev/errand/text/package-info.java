/** Text from outside as people read it: on a terminal, in a log line, on a page. Pure. */
@NullMarked
package dev.errand.text;

import org.jspecify.annotations.NullMarked;

/** Makes text from outside safe to read for people: on a terminal, in a log line, on a page. Pure. */
@NullMarked
package dev.errand.text;

import org.jspecify.annotations.NullMarked;

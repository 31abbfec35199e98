/** Reading a log: its records in order, and by decision, task and time with the help of an index. */
@NullMarked
package dev.errand.log.read;

import org.jspecify.annotations.NullMarked;

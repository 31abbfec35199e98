/** How the work of calls is laid on event loops: where a call goes on, and what the calls of one turn do together. */
@NullMarked
package dev.errand.loop;

import org.jspecify.annotations.NullMarked;

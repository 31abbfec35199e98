/** Security events: what ended is told to receivers (CAEP, RFC 8417, RFC 8935). */
@NullMarked
package dev.errand.event;

import org.jspecify.annotations.NullMarked;

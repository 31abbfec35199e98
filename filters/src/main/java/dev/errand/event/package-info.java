/** Security events, which tell receivers about ended tasks and approvals (CAEP, RFC 8417, RFC 8935). */
@NullMarked
package dev.errand.event;

import org.jspecify.annotations.NullMarked;

/** Bodies of requests: read within bounds where the decision needs one, and sent on piece by piece. */
@NullMarked
package dev.errand.web.body;

import org.jspecify.annotations.NullMarked;

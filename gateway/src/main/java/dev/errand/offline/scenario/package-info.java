/** Scenarios of one's own templates, judged without a gateway: the same grants and the same step as of a live call. */
@NullMarked
package dev.errand.offline.scenario;

import org.jspecify.annotations.NullMarked;

/** Plays scenarios of the user's templates without a gateway, with the same grants and the same step as a live call. */
@NullMarked
package dev.errand.offline.scenario;

import org.jspecify.annotations.NullMarked;

/** Why a call is refused: the closed list of reasons, and one refusal. Pure. */
@NullMarked
package dev.errand.denial;

import org.jspecify.annotations.NullMarked;

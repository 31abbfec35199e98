/** What agents do with keys: proofs and derived tokens. */
@NullMarked
package dev.errand.holder;

import org.jspecify.annotations.NullMarked;

/** The Merkle tree, the formats on disk, verification. */
@NullMarked
package dev.errand.log.proof;

import org.jspecify.annotations.NullMarked;

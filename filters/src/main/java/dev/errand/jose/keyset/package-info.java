/** The key sets of issuers and anchors, read from files and addresses and refreshed. */
@NullMarked
package dev.errand.jose.keyset;

import org.jspecify.annotations.NullMarked;

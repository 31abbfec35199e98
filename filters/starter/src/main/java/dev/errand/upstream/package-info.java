/** What the upstream is told: Txn-Token and message signature. */
@NullMarked
package dev.errand.upstream;

import org.jspecify.annotations.NullMarked;

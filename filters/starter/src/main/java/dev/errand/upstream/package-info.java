/** What the upstream gets: the transaction token, the message signature, its own credentials. */
@NullMarked
package dev.errand.upstream;

import org.jspecify.annotations.NullMarked;

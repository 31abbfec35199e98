/** Bytes as tokens spell them: SHA-256, base64url, and a compact JWS taken apart. Pure. */
@NullMarked
package dev.errand.bytes;

import org.jspecify.annotations.NullMarked;

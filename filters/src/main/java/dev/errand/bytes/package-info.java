/** Bytes as tokens encode them: SHA-256, base64url, and a compact JWS that is split and not verified. Pure. */
@NullMarked
package dev.errand.bytes;

import org.jspecify.annotations.NullMarked;

/** SHA-256, base64url, compact JWS; who calls; tokens, chains, constraints and what a child may have. */
@NullMarked
package dev.errand.token;

import org.jspecify.annotations.NullMarked;

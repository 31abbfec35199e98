/** The endpoints for issued tokens: revocation (RFC 7009) and introspection (RFC 7662). */
@NullMarked
package dev.errand.gateway.issuer.token;

import org.jspecify.annotations.NullMarked;

/** The gateway's published documents: RFC 8414 and RFC 9728 metadata, its keys, and a page for each problem code. */
@NullMarked
package dev.errand.gateway.issuer.metadata;

import org.jspecify.annotations.NullMarked;

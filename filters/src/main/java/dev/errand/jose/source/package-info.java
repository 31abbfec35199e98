/** Documents that are read again while they are used: key sets and bundles, from files and over HTTP. */
@NullMarked
package dev.errand.jose.source;

import org.jspecify.annotations.NullMarked;

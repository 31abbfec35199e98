/** Catalogue files: read, checked and compiled to the resolver each names. Pure. */
@NullMarked
package dev.errand.operation.catalogue;

import org.jspecify.annotations.NullMarked;

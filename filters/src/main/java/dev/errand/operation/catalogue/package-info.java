/**
 * Catalogue files: reads, checks and compiles them, each with the resolver that it names. Pure, except for reading
 * files.
 */
@NullMarked
package dev.errand.operation.catalogue;

import org.jspecify.annotations.NullMarked;

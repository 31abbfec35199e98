/** The common part of the catalogue files of all resolvers. Pure. */
@NullMarked
package dev.errand.operation.declaration;

import org.jspecify.annotations.NullMarked;

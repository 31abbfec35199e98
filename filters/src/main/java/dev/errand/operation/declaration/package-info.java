/** What the catalogue files of all resolvers have in common. Pure. */
@NullMarked
package dev.errand.operation.declaration;

import org.jspecify.annotations.NullMarked;

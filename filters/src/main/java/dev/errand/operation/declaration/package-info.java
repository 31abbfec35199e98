/** What catalogue files of all four resolvers have in common. Pure. */
@NullMarked
package dev.errand.operation.declaration;

import org.jspecify.annotations.NullMarked;

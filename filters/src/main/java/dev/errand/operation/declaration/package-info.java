/** The common part of the catalogue files of all resolvers. Pure, except for reading files beside a catalogue. */
@NullMarked
package dev.errand.operation.declaration;

import org.jspecify.annotations.NullMarked;

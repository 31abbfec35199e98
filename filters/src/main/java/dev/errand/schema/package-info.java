/** JSON Schemas of what users write, drawn from the keys that the readers know: for editors, never for judging. */
@NullMarked
package dev.errand.schema;

import org.jspecify.annotations.NullMarked;

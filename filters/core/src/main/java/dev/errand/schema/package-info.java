/**
 * JSON Schemas of what users write, generated from the keys that the parsers know. They serve editors and judge
 * nothing.
 */
@NullMarked
package dev.errand.schema;

import org.jspecify.annotations.NullMarked;

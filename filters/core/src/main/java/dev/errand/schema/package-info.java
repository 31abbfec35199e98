/** JSON Schemas and tables of catalogues and templates. */
@NullMarked
package dev.errand.schema;

import org.jspecify.annotations.NullMarked;

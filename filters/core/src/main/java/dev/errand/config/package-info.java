/** YAML with places: values and faults know their file, line and column. Pure, except for reading files. */
@NullMarked
package dev.errand.config;

import org.jspecify.annotations.NullMarked;

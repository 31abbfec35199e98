/** YAML with positions: catalogues, templates and their faults as file, line and column. Pure. */
@NullMarked
package dev.errand.config;

import org.jspecify.annotations.NullMarked;

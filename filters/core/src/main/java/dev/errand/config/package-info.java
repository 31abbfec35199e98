/** YAML with positions, keys that are declared once, faults. */
@NullMarked
package dev.errand.config;

import org.jspecify.annotations.NullMarked;

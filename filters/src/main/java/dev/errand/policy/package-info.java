/** One consistent revision of catalogues and templates, and its replacement while calls are under way. */
@NullMarked
package dev.errand.policy;

import org.jspecify.annotations.NullMarked;

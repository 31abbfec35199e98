/** The rules: each kind, its monitor and its keys. */
@NullMarked
package dev.errand.sequence.rule;

import org.jspecify.annotations.NullMarked;

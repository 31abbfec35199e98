/** The kinds of rules, one to three files each, what several kinds share, and the list of all kinds. */
@NullMarked
package dev.errand.sequence.rule.kind;

import org.jspecify.annotations.NullMarked;

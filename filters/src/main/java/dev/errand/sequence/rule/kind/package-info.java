/** The kinds of rules, one to three files each, and their one list. */
@NullMarked
package dev.errand.sequence.rule.kind;

import org.jspecify.annotations.NullMarked;

/** Rules in general: what a rule is, and what all kinds of rules have in common. */
@NullMarked
package dev.errand.sequence.rule;

import org.jspecify.annotations.NullMarked;

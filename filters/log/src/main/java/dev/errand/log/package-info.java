/** The record of a decision. */
@NullMarked
package dev.errand.log;

import org.jspecify.annotations.NullMarked;

/** The closed lists of reasons for which calls and starts are refused, and one refusal. Pure. */
@NullMarked
package dev.errand.denial;

import org.jspecify.annotations.NullMarked;

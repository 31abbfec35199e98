/** The reasons for which calls and starts are refused. Pure. */
@NullMarked
package dev.errand.denial;

import org.jspecify.annotations.NullMarked;

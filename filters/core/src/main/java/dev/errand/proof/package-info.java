/** What templates can and cannot do: properties, proved before any task runs. */
@NullMarked
package dev.errand.proof;

import org.jspecify.annotations.NullMarked;

/** Catalogues, and how a request becomes operations on resources. */
@NullMarked
package dev.errand.operation;

import org.jspecify.annotations.NullMarked;

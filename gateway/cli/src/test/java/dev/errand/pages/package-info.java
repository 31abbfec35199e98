/** The pages for readers, held to the product: every block is run, read by the product's own reader, or parsed. */
@NullMarked
package dev.errand.pages;

import org.jspecify.annotations.NullMarked;

/** The filters, a room for each stage of a call: the only home of the exchange. */
@NullMarked
package dev.errand.web;

import org.jspecify.annotations.NullMarked;

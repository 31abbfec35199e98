/**
 * The filters, the only home of the exchange. {@code caller}, {@code operation}, {@code step}, {@code record} and
 * {@code send} hold the stages of a call, in this order; the other rooms are what the stages share.
 */
@NullMarked
package dev.errand.web;

import org.jspecify.annotations.NullMarked;

/**
 * The filters; no other package of this module uses the exchange. {@code caller}, {@code operation}, {@code step},
 * {@code record} and {@code send} hold the stages of a call, in this order. The stages share the other packages.
 */
@NullMarked
package dev.errand.web;

import org.jspecify.annotations.NullMarked;

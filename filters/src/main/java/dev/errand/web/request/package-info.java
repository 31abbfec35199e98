/** Reads facts of a request and of its connection before it is a call. */
@NullMarked
package dev.errand.web.request;

import org.jspecify.annotations.NullMarked;

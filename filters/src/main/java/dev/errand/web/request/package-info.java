/** What is read of a request and of the connection that it came on, before it is a call. */
@NullMarked
package dev.errand.web.request;

import org.jspecify.annotations.NullMarked;

/** A call: what each stage knows of it, who makes it, and how far it is. */
@NullMarked
package dev.errand.web.call;

import org.jspecify.annotations.NullMarked;

/** The runnable gateway: filters, issuer, operator API and command line. It holds no rule of its own. */
@NullMarked
package dev.errand.gateway;

import org.jspecify.annotations.NullMarked;

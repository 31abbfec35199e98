/** TLS of the listeners, by an authority that is made for one run. */
@NullMarked
package dev.errand.agent.tls;

import org.jspecify.annotations.NullMarked;

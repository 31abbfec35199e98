/** The decision service: other gateways ask for decisions by gRPC, and send the requests themselves. */
@NullMarked
package dev.errand.decision;

import org.jspecify.annotations.NullMarked;

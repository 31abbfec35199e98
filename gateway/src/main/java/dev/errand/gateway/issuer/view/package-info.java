/** The facts that an agent may know about its task: its state, and the decision that a call would get. */
@NullMarked
package dev.errand.gateway.issuer.view;

import org.jspecify.annotations.NullMarked;

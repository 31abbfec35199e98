/** What an agent may know of its task: how it stands, and what a call would come to. */
@NullMarked
package dev.errand.gateway.issuer.view;

import org.jspecify.annotations.NullMarked;

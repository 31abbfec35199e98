/**
 * The pages on which people approve calls, as HTML without a script. They are made of the JSON that programs get, and everything in
 * it is text: it may be the agent's choice.
 */
@NullMarked
package dev.errand.gateway.issuer.approval.page;

import org.jspecify.annotations.NullMarked;

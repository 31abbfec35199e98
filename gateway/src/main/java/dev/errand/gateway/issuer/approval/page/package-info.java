/**
 * The pages on which people approve calls, as HTML without a script. They are made of the JSON that programs get. All its values are
 * written as text, never as HTML, since the agent may have chosen them.
 */
@NullMarked
package dev.errand.gateway.issuer.approval.page;

import org.jspecify.annotations.NullMarked;

/**
 * {@code TaskIdentity} and {@code DelegationChain}: who calls, proven by the chain of tokens, the proof and the workload
 * identity.
 */
@NullMarked
package dev.errand.web.stage;

import org.jspecify.annotations.NullMarked;

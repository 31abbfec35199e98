/** The Kubernetes API, by the rules of the apiserver's RequestInfo. Pure. */
@NullMarked
package dev.errand.operation.kubernetes;

import org.jspecify.annotations.NullMarked;

/** The Kubernetes API by the apiserver's RequestInfo rules. Pure. */
@NullMarked
package dev.errand.operation.kubernetes;

import org.jspecify.annotations.NullMarked;

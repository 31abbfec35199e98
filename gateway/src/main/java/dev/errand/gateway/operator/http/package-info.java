/** Questions and answers of the operator's API. */
@NullMarked
package dev.errand.gateway.operator.http;

import org.jspecify.annotations.NullMarked;

/** The resolver {@code jsonrpc}. */
@NullMarked
package dev.errand.operation.jsonrpc;

import org.jspecify.annotations.NullMarked;

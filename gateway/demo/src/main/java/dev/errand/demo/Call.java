package dev.errand.demo;

import org.jspecify.annotations.Nullable;

/**
 * A call of an agent: the operation and resource as its task names them, and the HTTP request that does it.
 *
 * @param target path and query
 */
record Call(
        String operation,
        String resource,
        String method,
        String target,
        @Nullable String contentType,
        @Nullable String body) {
    static Call of(String operation, String resource, String method, String target) {
        return new Call(operation, resource, method, target, null, null);
    }
}

package dev.errand.operation.template;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operation in an OpenAPI document.
 *
 * @param method upper-case; {@link #NONE} for a path without operations
 * @param template the path as written, below the document's own base path
 * @param id the operationId, or null
 * @param multiSegment path parameters that the document marks with {@code x-multi-segment: true}
 * @param queryKeys the query parameters
 */
record DescribedOperation(
        String method, String template, @Nullable String id, Set<String> multiSegment, Set<String> queryKeys) {
    /** The method of a path for which the document has no operation. */
    public static final String NONE = "-";

    public DescribedOperation {
        multiSegment = Set.copyOf(multiSegment);
        queryKeys = Set.copyOf(queryKeys);
    }
}

package dev.errand.operation.openapi;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An operation as a document describes it.
 *
 * @param method upper-case; {@link #NONE} for a path without any
 * @param template the path as written, below the document's own base path
 * @param id the operationId, or null
 * @param multiSegment path parameters that the document marks with {@code x-multi-segment: true}
 * @param queryKeys the query parameters
 */
public record DescribedOperation(
        String method, String template, @Nullable String id, Set<String> multiSegment, Set<String> queryKeys) {
    /** Stands for the method of a path that the document gives no operation. */
    public static final String NONE = "-";

    public DescribedOperation {
        multiSegment = Set.copyOf(multiSegment);
        queryKeys = Set.copyOf(queryKeys);
    }
}

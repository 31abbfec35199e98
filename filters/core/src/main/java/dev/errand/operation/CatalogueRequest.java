package dev.errand.operation;

import org.jspecify.annotations.Nullable;

/**
 * The request that is about to be sent, as a catalogue sees it.
 *
 * @param method upper-case as on the wire
 * @param path raw path, percent-encoded, beginning with a slash
 * @param query raw query without the question mark, or null
 * @param headers the header fields
 * @param body the whole body if {@link OperationCatalogue#needsBody} asked for it, else null
 */
public record CatalogueRequest(
        String method, String path, @Nullable String query, RequestHeaders headers, byte @Nullable [] body) {}

package dev.errand.operation;

import org.jspecify.annotations.Nullable;

/**
 * What a request means after its route has rewritten it. Immutable.
 *
 * @param catalogue the catalogue of the route; null if no governed route takes the request: then the resolution says so
 */
public record RoutedRequest(@Nullable OperationCatalogue catalogue, Resolution resolution) {
    /** A request that no governed route takes. */
    public static RoutedRequest unserved(String why) {
        return new RoutedRequest(null, new Resolution.Unknown(why));
    }
}

package dev.errand.web;

import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RefusalStyle;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.Route;

/**
 * A route as its agents know it. Immutable.
 *
 * @param path the path with which its calls begin; the endpoint itself if all calls go to one endpoint
 * @param catalogue the prefix of its operations
 * @param resolver the name of the resolver that names its operations
 */
public record ServedRoute(String id, String path, String catalogue, String resolver, RefusalStyle refusals) {
    /** The key under which a route's metadata hold its path. */
    public static final String PATH = ServedRoute.class.getName();

    /** The route; null if no catalogue names its operations, or if it did not come from the configuration. */
    public static @Nullable ServedRoute of(Route route, RunningRevision running) {
        String prefix = StageFilter.catalogue(route);
        Object path = route.getMetadata().get(PATH);
        if (prefix == null) {
            return null;
        }
        OperationCatalogue catalogue = Revision.of(route, running).policies().catalogue(prefix);
        return catalogue != null && path instanceof String known
                ? new ServedRoute(route.getId(), known, prefix, catalogue.resolver(), catalogue.refusals())
                : null;
    }
}

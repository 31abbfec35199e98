package dev.errand.web;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.event.RefreshRoutesEvent;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyWriteResponseFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.WebHandler;
import reactor.core.publisher.Mono;

/**
 * The routes for the requests of other gateways: the routes and filters of the traffic port, with other filters in the place of
 * those that send a request and write its answer. Thread-safe.
 */
public final class GivenRoutes implements ApplicationListener<RefreshRoutesEvent> {
    /** The key of a route's metadata for the other gateway's cluster that leads to the route's upstream. */
    public static final String CLUSTER = "errand-cluster";

    /** The key of a route's metadata for the host and port that the other gateway sends as {@code :authority}, if it changes it. */
    public static final String AUTHORITY = "errand-authority";

    /** The scheme of the {@code uri} of a route that only other gateways' requests have. */
    public static final String NO_UPSTREAM = "no";

    private final List<GlobalFilter> filters;
    private final RunningRevision running;
    private final RunningRoutes routes;
    private final GlobalCorsProperties cors;
    private final Environment environment;
    private volatile @Nullable FilteringWebHandler handler;

    GivenRoutes(
            List<GlobalFilter> filters,
            RunningRevision running,
            RunningRoutes routes,
            GlobalCorsProperties cors,
            Environment environment) {
        this.filters = filters;
        this.running = running;
        this.routes = routes;
        this.cors = cors;
        this.environment = environment;
    }

    /**
     * The handler of the requests. A request without a route ends in a {@link ResponseStatusException} of 404.
     *
     * @param own the filters that take the places of those that send a request and write its answer
     */
    public WebHandler handledBy(List<GlobalFilter> own) {
        List<GlobalFilter> all = new ArrayList<>(own);
        filters.stream().filter(GivenRoutes::isKept).forEach(all::add);
        all.add(new RouteGuard(true));
        FilteringWebHandler filtering = new FilteringWebHandler(all, true);
        handler = filtering;
        RouteMapping mapping = new RouteMapping(filtering, running, routes, cors, environment);
        return exchange -> mapping.getHandler(exchange)
                .switchIfEmpty(Mono.error(() -> new ResponseStatusException(HttpStatus.NOT_FOUND)))
                .flatMap(found -> ((WebHandler) found).handle(exchange));
    }

    private static boolean isKept(GlobalFilter filter) {
        int order = filter instanceof Ordered ordered ? ordered.getOrder() : 0;
        return !(filter instanceof RouteGuard)
                && order < FilterOrder.WEBSOCKET
                && order != NettyWriteResponseFilter.WRITE_RESPONSE_FILTER_ORDER;
    }

    @Override
    public void onApplicationEvent(RefreshRoutesEvent event) {
        FilteringWebHandler known = handler;
        if (known != null) {
            known.onApplicationEvent(event);
        }
    }
}

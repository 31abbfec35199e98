package dev.errand.web;

import java.util.List;
import org.springframework.cloud.gateway.route.CachingRouteLocator;
import org.springframework.cloud.gateway.route.CompositeRouteLocator;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.cloud.gateway.route.RouteLocator;
import reactor.core.publisher.Flux;

/**
 * The running revision's routes, then those of other route locators. The revision's routes are replaced all at once, and
 * not by a refresh that fills a cache. So there is no moment without routes, and no event about routes comes too early.
 */
final class RunningRoutes extends CachingRouteLocator {
    private final RunningRevision running;

    RunningRoutes(RunningRevision running, List<RouteLocator> others) {
        super(new CompositeRouteLocator(Flux.fromIterable(others)));
        this.running = running;
    }

    @Override
    public Flux<Route> getRoutes() {
        return Flux.defer(() -> Flux.concat(Flux.fromIterable(running.routes()), super.getRoutes()));
    }

    /** The routes of the other route locators only. */
    RouteLocator others() {
        return super::getRoutes;
    }
}

package dev.errand.web;

import java.util.List;
import java.util.function.Consumer;
import org.springframework.cloud.gateway.route.Route;

/**
 * The revision that runs and its routes, replaced together by one write: no call meets routes of one revision and
 * catalogues, templates or trust of another. Thread-safe.
 */
public final class RunningRevision {
    private volatile Running running;
    private volatile Consumer<List<Route>> onReplace = routes -> {};

    private record Running(Revision revision, List<Route> routes) {}

    /** The first revision, whose routes are yet to be compiled: until {@link #replace} there are none. */
    public RunningRevision(Revision first) {
        this.running = new Running(first, List.of());
    }

    /** The revision that runs now. */
    public Revision current() {
        return running.revision();
    }

    /** Its routes, in the order in which they are asked. */
    public List<Route> routes() {
        return running.routes();
    }

    /** Calls that come from now on are judged by this revision; calls under way keep the revision that they began with. */
    public void replace(Revision revision, List<Route> routes) {
        List<Route> copy = List.copyOf(routes);
        running = new Running(revision, copy);
        onReplace.accept(copy);
    }

    /** Sets the one listener, which gets the routes that run now and then each replacement. It must not throw. */
    public void onReplace(Consumer<List<Route>> listener) {
        onReplace = listener;
        listener.accept(routes());
    }
}

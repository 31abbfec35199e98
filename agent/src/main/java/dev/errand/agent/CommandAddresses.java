package dev.errand.agent;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The addresses that COMMAND reaches through the companion.
 *
 * @param agent the listener's URL with its secret, or {@code unix:PATH}
 * @param derive the URL at which children are derived, or null
 * @param authority the file of the authority that signed the listeners' certificate; null for plain HTTP
 */
record CommandAddresses(
        String agent,
        String task,
        List<TaskRoute> routes,
        List<RootAddress> roots,
        @Nullable String derive,
        @Nullable Path authority) {

    public CommandAddresses {
        routes = List.copyOf(routes);
        roots = List.copyOf(roots);
    }

    /** Whether tools reach the companion by a Unix socket only. */
    public boolean isUnix() {
        return agent.startsWith("unix:");
    }

    boolean isTls() {
        return authority != null;
    }

    /** The first route of a kind. */
    Optional<TaskRoute> route(Predicate<TaskRoute> kind) {
        return routes.stream().filter(kind).findFirst();
    }

    /** The first root listener of a kind of route. */
    Optional<RootAddress> root(Predicate<TaskRoute> kind) {
        return roots.stream().filter(root -> kind.test(root.route())).findFirst();
    }
}

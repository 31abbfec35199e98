package dev.errand.agent.cli;

import dev.errand.agent.command.RootAddress;
import dev.errand.agent.listen.Door;
import dev.errand.agent.listen.Guard;
import dev.errand.agent.listen.Listener;
import dev.errand.agent.listen.Mount;
import dev.errand.agent.listen.Secret;
import dev.errand.agent.root.BasicPassword;
import dev.errand.agent.root.SignatureV4;
import dev.errand.agent.task.TaskRoute;
import dev.errand.holder.AgentException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Opens listeners with a single route at their root: for each route of S3 and OCI, and for each route that the options
 * name.
 */
final class RootListeners {
    private static final String ANY = "127.0.0.1:0";

    private final Map<String, String> asked = new LinkedHashMap<>();
    private final Listener listener;
    private final Function<SocketAddress, String> origin;

    /** @param options each {@code ROUTE} or {@code ROUTE=ADDRESS} */
    RootListeners(List<String> options, Listener listener, Function<SocketAddress, String> origin) {
        for (String option : options) {
            int equals = option.indexOf('=');
            asked.put(
                    equals < 0 ? option : option.substring(0, equals), equals < 0 ? ANY : option.substring(equals + 1));
        }
        this.listener = listener;
        this.origin = origin;
    }

    List<RootAddress> open(List<TaskRoute> routes) {
        List<RootAddress> roots = new ArrayList<>();
        for (TaskRoute route : routes) {
            String address = asked.remove(route.id());
            if (address != null || route.isS3() || route.isOci()) {
                roots.add(open(route, address == null ? ANY : address));
            }
        }
        if (!asked.isEmpty()) {
            throw new AgentException(
                    "--listen-route: the token's operations name no route " + String.join(", ", asked.keySet()));
        }
        return roots;
    }

    private RootAddress open(TaskRoute route, String address) {
        String password = Secret.fresh();
        Guard guard = route.isS3()
                ? new SignatureV4(BasicPassword.USER, password, Clock.systemUTC())
                : new BasicPassword(password);
        InetSocketAddress at = LoopbackAddress.parse("--listen-route", address);
        int port = listener.listen(at, bound -> new Door(mount(route, origin.apply(bound)), guard, null));
        return new RootAddress(route, LoopbackAddress.text(at, port), BasicPassword.USER, password);
    }

    private static Mount mount(TaskRoute route, String listeners) {
        return route.isMcp() ? Mount.endpoint(route.path(), listeners) : Mount.root(route.prefix(), listeners);
    }
}

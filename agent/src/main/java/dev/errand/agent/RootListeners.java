package dev.errand.agent;

import dev.errand.agent.listen.BasicPassword;
import dev.errand.agent.listen.Guard;
import dev.errand.agent.listen.Listener;
import dev.errand.agent.listen.ListenerSettings;
import dev.errand.agent.listen.LoopbackAuthority;
import dev.errand.agent.listen.Mount;
import dev.errand.agent.listen.Secret;
import dev.errand.agent.listen.SignatureV4;
import dev.errand.holder.AgentException;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Opens listeners with a single route at their root: for each route of S3, OCI and Kubernetes, and for each route that the
 * options name.
 */
final class RootListeners {
    private static final String ANY = "127.0.0.1:0";

    private final Map<String, String> asked = new LinkedHashMap<>();
    private final Listener listener;
    private final Function<SocketAddress, String> origin;
    private final @Nullable LoopbackAuthority authority;

    /**
     * @param options each {@code ROUTE} or {@code ROUTE=ADDRESS}
     * @param authority that of all listeners; null if they speak plain HTTP
     */
    RootListeners(
            List<String> options,
            Listener listener,
            Function<SocketAddress, String> origin,
            @Nullable LoopbackAuthority authority) {
        for (String option : options) {
            int equals = option.indexOf('=');
            asked.put(
                    equals < 0 ? option : option.substring(0, equals), equals < 0 ? ANY : option.substring(equals + 1));
        }
        this.listener = listener;
        this.origin = origin;
        this.authority = authority;
    }

    List<RootAddress> open(List<TaskRoute> routes) {
        List<RootAddress> roots = new ArrayList<>();
        for (TaskRoute route : routes) {
            String address = asked.remove(route.id());
            if (address != null || route.isS3() || route.isOci() || route.isKubernetes()) {
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
        Guard guard = guard(route, password);
        InetSocketAddress at = LoopbackAddress.parse("--listen-route", address);
        // kubectl shows its token only over TLS, whatever the other listeners speak.
        LoopbackAuthority shown = route.isKubernetes() ? authorityFor(at) : authority;
        SslContext tls = shown == null ? null : shown.server();
        String scheme = tls == null ? "http:" : "https:";
        int port = listener.listen(at, bound -> {
            String listeners = origin.apply(bound).replaceFirst("^https?:", scheme);
            return new ListenerSettings(mount(route, listeners), guard, null, tls);
        });
        return new RootAddress(
                route,
                LoopbackAddress.text(at, port),
                BasicPassword.USER,
                password,
                shown == null ? null : shown.pem());
    }

    private static Guard guard(TaskRoute route, String password) {
        if (route.isS3()) {
            return new SignatureV4(BasicPassword.USER, password, Clock.systemUTC());
        }
        return route.isKubernetes() ? new BearerToken(password) : new BasicPassword(password);
    }

    private LoopbackAuthority authorityFor(InetSocketAddress at) {
        return authority == null ? LoopbackAuthority.make(Instant.now(), List.of(at.getAddress())) : authority;
    }

    private static Mount mount(TaskRoute route, String listeners) {
        return route.isMcp() ? Mount.endpoint(route.path(), listeners) : Mount.root(route.prefix(), listeners);
    }
}

package dev.errand.agent;

import dev.errand.agent.call.CallResources;
import dev.errand.agent.listen.Guard;
import dev.errand.agent.listen.Listener;
import dev.errand.agent.listen.ListenerSettings;
import dev.errand.agent.listen.LoopbackAuthority;
import dev.errand.agent.listen.Mount;
import dev.errand.agent.listen.PeerUsers;
import dev.errand.agent.listen.Secret;
import dev.errand.agent.listen.UnixListener;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens the listeners that tools connect to. */
final class Listeners implements AutoCloseable {
    private final ListenOptions options;
    private final CallResources resources;
    private final @Nullable LoopbackAuthority authority;
    private final Listener listener;
    private final PrivateFiles files;
    private @Nullable UnixListener unix;
    private @Nullable Derivations shared;

    /** @param users checks whose processes connect; null if any may */
    Listeners(
            ListenOptions options,
            EventLoopGroup loops,
            CallResources resources,
            PrivateFiles files,
            @Nullable PeerUsers users) {
        this.options = options;
        this.resources = resources;
        this.files = files;
        this.authority = options.tls ? LoopbackAuthority.make(Instant.now(), options.addresses()) : null;
        this.listener = new Listener(loops, resources, authority == null ? null : authority.server(), users);
    }

    /** Opens the listeners that the options and the routes ask for. */
    CommandAddresses open(String task, List<TaskRoute> routes) {
        if (options.address.startsWith(ListenOptions.UNIX)) {
            Path path = Path.of(options.address.substring(ListenOptions.UNIX.length()));
            unix = UnixListener.listen(listener, path, new ListenerSettings(Mount.of("", ""), Guard.NONE, null));
            return new CommandAddresses(options.address, task, routes, List.of(), null, null);
        }
        String secret = "/" + Secret.fresh();
        String derive = "/" + Secret.fresh();
        InetSocketAddress address = LoopbackAddress.parse("--listen", options.address);
        int port = listener.listen(address, bound -> {
            String origin = origin(bound);
            return new ListenerSettings(Mount.of(secret, origin), Guard.NONE, derivations(derive, origin));
        });
        String origin = scheme() + LoopbackAddress.text(address, port);
        List<RootAddress> roots = new RootListeners(options.routes, listener, this::origin, authority).open(routes);
        return new CommandAddresses(
                origin + secret,
                task,
                routes,
                roots,
                options.derive > 0 ? origin + derive : null,
                authority == null ? null : files.write("ca.pem", authority.pem()));
    }

    /** The derivations of all connections: one object, since it counts the children. Null if no children are derived. */
    private @Nullable Derivations derivations(String path, String origin) {
        if (options.derive > 0 && shared == null) {
            shared = new Derivations(
                    resources.task(), resources.gateway().address(), path, origin, options.derive, Clock.systemUTC());
        }
        return shared;
    }

    private String origin(SocketAddress bound) {
        InetSocketAddress address = (InetSocketAddress) bound;
        return scheme() + LoopbackAddress.text(address, address.getPort());
    }

    private String scheme() {
        return authority == null ? "http://" : "https://";
    }

    @Override
    public void close() {
        if (unix != null) {
            unix.close();
        }
    }
}

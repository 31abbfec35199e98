package dev.errand.agent.listen;

import io.netty.handler.ssl.SslContext;
import org.jspecify.annotations.Nullable;

/**
 * What a listener's connections need to know of the listener.
 *
 * @param mount maps the listener's paths to the gateway's
 * @param guard checks the credential that the listener demands beside the path
 * @param service answers requests that the companion serves by itself, or null
 * @param tls what a tool may speak at a listener that also takes plain HTTP; null for plain HTTP alone
 */
public record ListenerSettings(
        Mount mount,
        Guard guard,
        @Nullable OwnService service,
        @Nullable SslContext tls) {
    /** A listener that speaks what all listeners of the companion speak. */
    public ListenerSettings(Mount mount, Guard guard, @Nullable OwnService service) {
        this(mount, guard, service, null);
    }
}

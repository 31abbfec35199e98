package dev.errand.issuer;

import dev.errand.loop.EventLoopScheduler;
import dev.errand.web.BodyReader;
import dev.errand.web.BodyReader.Body;
import io.netty.util.concurrent.EventExecutor;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;

/**
 * Reads forms of senders that are not known yet, and keeps one address from taking all places of {@code errand.bodies}. A
 * form that has not arrived whole within {@value #PATIENCE_MILLIS} ms counts for its address, which may have an eighth of
 * the places and at least one. IPv6 addresses are grouped by their first 64 bits, since one subscriber has all addresses of
 * such a network. An address is kept only while one of its forms is waited for. Thread-safe.
 */
final class FormReader {
    /** Less than the time after which a body takes a place, so that a form beyond its address's share never takes one. */
    private static final int PATIENCE_MILLIS = 20;

    private static final int SHARES = 8;

    private final BodyReader bodies;
    private final int perAddress;
    private final Map<Object, Integer> waiting = new ConcurrentHashMap<>();
    private final Map<EventExecutor, Scheduler> loops = new ConcurrentHashMap<>();

    /** Makes a reader with places of its own. */
    FormReader(BodyReader.Bounds bounds) {
        this.bodies = new BodyReader(bounds);
        this.perAddress = Math.max(1, bounds.atOnce() / SHARES);
    }

    /** The whole form, or why there is none. */
    Mono<Body> read(ServerHttpRequest request) {
        Mono<Body> read = bodies.read(request, FormBody.MAX_BYTES);
        Object sender = sender(request.getRemoteAddress());
        if (sender == null) {
            return read;
        }
        return Mono.defer(() -> {
            Share share = new Share(sender);
            Mono<Long> beyond = Mono.delay(Duration.ofMillis(PATIENCE_MILLIS), loop(request))
                    .flatMap(late -> share.take() ? Mono.never() : Mono.just(late));
            return read.timeout(beyond, Mono.just(Body.Missing.TOO_MANY)).doFinally(end -> share.giveBack());
        });
    }

    private Scheduler loop(ServerHttpRequest request) {
        Object server = ServerHttpRequestDecorator.getNativeRequest(request);
        return server instanceof Connection connection
                ? loops.computeIfAbsent(connection.channel().eventLoop(), EventLoopScheduler::new)
                : Schedulers.parallel();
    }

    private static @Nullable Object sender(@Nullable InetSocketAddress remote) {
        InetAddress address = remote == null ? null : remote.getAddress();
        return address instanceof Inet6Address six
                ? (Object) ByteBuffer.wrap(six.getAddress()).getLong()
                : address;
    }

    /** What one form takes of its address's share. */
    private final class Share {
        private final Object sender;
        private boolean taken;
        private boolean over;

        Share(Object sender) {
            this.sender = sender;
        }

        /** False if the address's share is used up. */
        synchronized boolean take() {
            if (over) {
                return true;
            }
            AtomicBoolean entered = new AtomicBoolean();
            waiting.compute(sender, (key, count) -> {
                int now = count == null ? 0 : count;
                entered.setPlain(now < perAddress);
                return now < perAddress ? Integer.valueOf(now + 1) : count;
            });
            taken = entered.getPlain();
            return taken;
        }

        synchronized void giveBack() {
            over = true;
            if (taken) {
                taken = false;
                waiting.computeIfPresent(sender, (key, count) -> count > 1 ? Integer.valueOf(count - 1) : null);
            }
        }
    }
}

package dev.errand.web;

import dev.errand.loop.Continuation;
import dev.errand.loop.EventLoopScheduler;
import io.netty.channel.Channel;
import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;

/**
 * The event loop of a call's connection as a scheduler. A call that waited for the store or the log continues on the
 * loop that will write its answer (see {@link Continuation}). There is one scheduler for each loop. Thread-safe.
 */
public final class EventLoops {
    private final Map<EventExecutor, Scheduler> schedulers = new ConcurrentHashMap<>();

    /** The scheduler of the request's connection; the parallel one if the request is another server's, or its agent is gone. */
    public Scheduler of(ServerHttpRequest request) {
        Scheduler loop = find(request);
        return loop == null ? Schedulers.parallel() : loop;
    }

    /**
     * The scheduler of the request's connection; null where the connection is gone. Reactor Netty then shows a
     * channel without an event loop.
     */
    public @Nullable Scheduler find(ServerHttpRequest request) {
        Object server = ServerHttpRequestDecorator.getNativeRequest(request);
        if (!(server instanceof Connection connection)) {
            return server instanceof GivenRequest given ? of(given.loop()) : Schedulers.parallel();
        }
        Channel channel = connection.channel();
        return channel.isRegistered() ? of(channel.eventLoop()) : null;
    }

    private Scheduler of(EventExecutor loop) {
        return schedulers.computeIfAbsent(loop, EventLoopScheduler::new);
    }
}

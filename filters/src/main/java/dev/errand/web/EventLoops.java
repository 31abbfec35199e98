package dev.errand.web;

import dev.errand.state.Continuation;
import io.netty.util.concurrent.EventExecutor;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.Connection;

/**
 * The event loop of a call's connection as a scheduler, so that a call that waited for the store or the log goes on where
 * its answer will be written (see {@link Continuation}). One scheduler a loop, of which there are a few. Thread-safe.
 */
final class EventLoops {
    private final Map<EventExecutor, Scheduler> schedulers = new ConcurrentHashMap<>();

    /** The scheduler of the request's connection; the parallel one for a request of another server. */
    Scheduler of(ServerHttpRequest request) {
        Object server = ServerHttpRequestDecorator.getNativeRequest(request);
        return server instanceof Connection connection
                ? schedulers.computeIfAbsent(connection.channel().eventLoop(), EventLoopScheduler::new)
                : Schedulers.parallel();
    }
}

package dev.errand.server;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.context.WebServerGracefulShutdownLifecycle;
import org.springframework.boot.web.server.reactive.context.ReactiveWebServerApplicationContext;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.support.DefaultLifecycleProcessor;
import org.springframework.core.Ordered;

/**
 * The first part of a gateway's stop. Readiness is down before it begins, and the operator's port still answers so. For
 * {@code errand.drain} calls are still served, and agents are told that their connections end, so that
 * balancers and agents find another replica. Then Spring's graceful shutdown waits for running calls, as long as an
 * upstream may take. Blocks the thread that stops the gateway.
 */
final class Drain implements ApplicationListener<ContextClosedEvent>, Ordered {
    private static final Logger LOG = LoggerFactory.getLogger(Drain.class);

    /** The time from an upstream's last byte to the last byte to the agent. */
    private static final Duration MARGIN = Duration.ofSeconds(2);

    private final ServerConnections traffic;
    private final Duration drain;
    private final Duration grace;
    private final Supplier<Duration> longestCall;
    private final AtomicBoolean begun = new AtomicBoolean();

    /**
     * @param traffic the connections of the traffic port
     * @param drain how long calls are still served; zero for not at all
     * @param grace the least time to wait for running calls
     * @param longestCall the longest time that an upstream may take to answer, by the routes at the time of the stop
     */
    public Drain(ServerConnections traffic, Duration drain, Duration grace, Supplier<Duration> longestCall) {
        this.traffic = traffic;
        this.drain = drain;
        this.grace = grace;
        this.longestCall = longestCall;
    }

    /** Runs after the decision service has said that it ends, and before the listener that closes the operator's port. */
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE + 1;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        // The operator's port has a context of its own, whose events come here too.
        if (!(event.getApplicationContext() instanceof ReactiveWebServerApplicationContext context)
                || context.getParent() != null
                || context.getWebServer() == null
                || !begun.compareAndSet(false, true)) {
            return;
        }
        waitLongEnough(context);
        traffic.depart();
        if (!drain.isZero()) {
            LOG.info("stopping: readiness is down, calls are served for {} s more", drain.toMillis() / 1000.0);
            try {
                TimeUnit.NANOSECONDS.sleep(drain.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        traffic.leave();
    }

    private void waitLongEnough(ReactiveWebServerApplicationContext context) {
        Duration call = longestCall.get().plus(MARGIN);
        Duration wait = call.compareTo(grace) > 0 ? call : grace;
        context.getBeanProvider(DefaultLifecycleProcessor.class)
                .ifAvailable(processor -> processor.setTimeoutForShutdownPhase(
                        WebServerGracefulShutdownLifecycle.SMART_LIFECYCLE_PHASE, wait.toMillis()));
    }
}

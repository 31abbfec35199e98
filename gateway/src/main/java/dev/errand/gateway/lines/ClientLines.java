package dev.errand.gateway.lines;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Bounds the log lines that clients cause by what they send: one line each, no stack trace, at most 100 a second, and one of
 * these says how many were left out. Works with whatever appenders Logback has when the gateway starts. An event that is off
 * costs nothing.
 */
public final class ClientLines implements AutoCloseable {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ClientLines.class);

    private final LineBudget budget = new LineBudget(System::nanoTime);
    private final Counter counter;
    private @Nullable Disposable everySecond;

    public ClientLines(MeterRegistry registry) {
        counter = Counter.builder("errand.log.left.out")
                .description("Log lines about what clients sent that were left out")
                .register(registry);
    }

    /** Puts the bound before every appender. */
    public void attach() {
        for (Logger logger : loggers()) {
            List<Appender<ILoggingEvent>> own = appenders(logger);
            if (own.isEmpty() || own.stream().anyMatch(ClientLineAppender.class::isInstance)) {
                continue;
            }
            ClientLineAppender bound = new ClientLineAppender(own, budget);
            bound.setContext(logger.getLoggerContext());
            bound.start();
            logger.addAppender(bound);
            own.forEach(logger::detachAppender);
        }
        everySecond = Flux.interval(Duration.ofSeconds(1)).onBackpressureDrop().subscribe(tick -> tell());
    }

    private void tell() {
        long leftOut = budget.drain();
        if (leftOut > 0) {
            counter.increment(leftOut);
            LOG.warn("{} log lines about what clients sent were left out", leftOut);
        }
    }

    @Override
    public void close() {
        if (everySecond != null) {
            everySecond.dispose();
        }
        tell();
        for (Logger logger : loggers()) {
            for (Appender<ILoggingEvent> appender : appenders(logger)) {
                if (appender instanceof ClientLineAppender bound) {
                    bound.appenders().forEach(logger::addAppender);
                    logger.detachAppender(bound);
                }
            }
        }
    }

    private static List<Logger> loggers() {
        return LoggerFactory.getILoggerFactory() instanceof LoggerContext context ? context.getLoggerList() : List.of();
    }

    private static List<Appender<ILoggingEvent>> appenders(Logger logger) {
        List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
        logger.iteratorForAppenders().forEachRemaining(appenders::add);
        return appenders;
    }
}

package dev.errand.server;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * Bounds the log lines that requests cause. Strangers cause at most 100 lines in any second: {@link ClientEvents.Cause#STRANGER} up to
 * 70, one line each without a stack trace; faults of the gateway's own up to 28, so that noise does not hide them; and a line a second for
 * each of the two that says how many were left out. Refusals and failed calls of verified holders have a bound of their own, 100 a second,
 * which strangers cannot use up. Works with all appenders that Logback has when the gateway starts. An event below the log level costs
 * nothing.
 */
final class ClientLines implements AutoCloseable {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(ClientLines.class);

    /** The causes whose lines are bounded, and how the line about those that were left out names them. */
    private static final Map<ClientEvents.Cause, String> NAMES = new EnumMap<>(Map.of(
            ClientEvents.Cause.STRANGER, "about what clients sent",
            ClientEvents.Cause.FAULT, "about faults of the gateway",
            ClientEvents.Cause.CALL, "about failed calls"));

    private final Map<ClientEvents.Cause, LineBudget> budgets;
    private final Counter counter;
    private @Nullable Disposable everySecond;

    public ClientLines(MeterRegistry registry) {
        this(registry, TimeMeter.SYSTEM_NANOTIME);
    }

    ClientLines(MeterRegistry registry, TimeMeter time) {
        budgets = new EnumMap<>(Map.of(
                ClientEvents.Cause.STRANGER, new LineBudget(50, 20, time),
                ClientEvents.Cause.FAULT, new LineBudget(25, 3, time),
                ClientEvents.Cause.CALL, new LineBudget(60, 39, time)));
        counter = Counter.builder("errand.log.left.out")
                .description("Log lines about requests that were left out")
                .register(registry);
    }

    /** Puts the bound before every appender. */
    public void attach() {
        for (Logger logger : loggers()) {
            List<Appender<ILoggingEvent>> own = appenders(logger);
            if (own.isEmpty() || own.stream().anyMatch(ClientLineAppender.class::isInstance)) {
                continue;
            }
            ClientLineAppender bound = new ClientLineAppender(own, budgets);
            bound.setContext(logger.getLoggerContext());
            bound.start();
            logger.addAppender(bound);
            own.forEach(logger::detachAppender);
        }
        everySecond = Flux.interval(Duration.ofSeconds(1)).onBackpressureDrop().subscribe(tick -> tell());
    }

    private void tell() {
        budgets.forEach((cause, budget) -> {
            long leftOut = budget.drain();
            if (leftOut > 0) {
                counter.increment(leftOut);
                LOG.warn("{} log lines {} were left out", leftOut, NAMES.get(cause));
            }
        });
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

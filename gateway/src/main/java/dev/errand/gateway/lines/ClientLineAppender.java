package dev.errand.gateway.lines;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.List;

/** Stands before the appenders of one logger, and bounds what clients write to them. Thread-safe. */
final class ClientLineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final List<Appender<ILoggingEvent>> appenders;
    private final LineBudget budget;

    ClientLineAppender(List<Appender<ILoggingEvent>> appenders, LineBudget budget) {
        this.appenders = List.copyOf(appenders);
        this.budget = budget;
    }

    List<Appender<ILoggingEvent>> appenders() {
        return appenders;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (!ClientEvents.concerns(event)) {
            appenders.forEach(appender -> appender.doAppend(event));
            return;
        }
        ILoggingEvent line = ClientEvents.condensed(event);
        if (budget.take(ClientEvents.lines(line))) {
            appenders.forEach(appender -> appender.doAppend(line));
        }
    }
}

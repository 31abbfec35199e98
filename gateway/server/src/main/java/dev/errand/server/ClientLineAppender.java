package dev.errand.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import java.util.List;
import java.util.Map;

/** Stands before the appenders of one logger, and bounds what calls and clients write to them. Thread-safe. */
final class ClientLineAppender extends UnsynchronizedAppenderBase<ILoggingEvent> {
    private final List<Appender<ILoggingEvent>> appenders;
    private final Map<ClientEvents.Cause, LineBudget> budgets;

    /** @param budgets the budget of each cause; the lines of a cause without one are not bounded */
    ClientLineAppender(List<Appender<ILoggingEvent>> appenders, Map<ClientEvents.Cause, LineBudget> budgets) {
        this.appenders = List.copyOf(appenders);
        this.budgets = budgets;
    }

    List<Appender<ILoggingEvent>> appenders() {
        return appenders;
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (ClientEvents.repeatsACut(event)) {
            return;
        }
        LineBudget budget = budgets.get(ClientEvents.cause(event));
        if (budget == null) {
            appenders.forEach(appender -> appender.doAppend(event));
            return;
        }
        if (ClientEvents.keepsItsTrace(event) && budget.take(ClientEvents.lines(event))) {
            appenders.forEach(appender -> appender.doAppend(event));
        } else if (budget.take(1)) {
            ILoggingEvent line = ClientEvents.condensed(event);
            appenders.forEach(appender -> appender.doAppend(line));
        } else {
            budget.leaveOut();
        }
    }
}

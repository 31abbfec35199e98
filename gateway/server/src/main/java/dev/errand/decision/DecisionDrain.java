package dev.errand.decision;

import org.springframework.context.ApplicationListener;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/** Has the health of the decision service say that it ends, before {@code errand.drain} begins. */
record DecisionDrain(DecisionServer server) implements ApplicationListener<ContextClosedEvent>, Ordered {
    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext().getParent() == null) {
            server.depart();
        }
    }
}

package dev.errand.issuer;

import dev.errand.state.TaskStore;
import dev.errand.web.RunningRevision;
import dev.errand.web.stage.HolderVerification;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Wires the view of a task. */
@Configuration(proxyBeanMethods = false)
class ViewConfiguration {
    @Bean
    RouterFunction<ServerResponse> viewRouter(
            IssuerSettings settings,
            HolderVerification holders,
            RunningRevision running,
            TaskStore tasks,
            AwaitedApprovals approvals,
            ClientRate rate,
            Clock clock) {
        return new ViewRoutes(new ViewService(settings, holders, running, tasks, approvals, rate, clock)).router();
    }
}

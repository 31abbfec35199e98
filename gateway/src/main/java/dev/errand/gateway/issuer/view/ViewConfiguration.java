package dev.errand.gateway.issuer.view;

import dev.errand.gateway.issuer.ClientRate;
import dev.errand.gateway.issuer.IssuerSettings;
import dev.errand.state.TaskStore;
import dev.errand.web.caller.HolderVerification;
import dev.errand.web.route.RunningRevision;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Wires the view of a task. */
@Configuration(proxyBeanMethods = false)
public class ViewConfiguration {
    @Bean
    RouterFunction<ServerResponse> viewRouter(
            IssuerSettings settings,
            HolderVerification holders,
            RunningRevision running,
            TaskStore tasks,
            ClientRate rate,
            Clock clock) {
        return new ViewRoutes(new ViewService(settings, holders, running, tasks, rate, clock)).router();
    }
}

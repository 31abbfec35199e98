package dev.errand.gateway.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.gateway.server.ServerConnections;
import dev.errand.jose.SigningKeys;
import dev.errand.policy.LivePolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.web.refusal.TaskMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebFilter;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/** What the management port serves beside the actuator. Imported there alone, so it is no component of the traffic port. */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
public class OperatorPort {
    @Bean
    WebFilter operatorGuard(OperatorToken token, ErrandProperties properties) {
        Set<String> names = new HashSet<>(Set.of("localhost"));
        String issuer = URI.create(properties.issuer()).getHost();
        if (issuer != null) {
            names.add(issuer.toLowerCase(Locale.ROOT));
        }
        try {
            names.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
        } catch (UnknownHostException e) {
            // A machine without a name is reached by its address.
        }
        return new OperatorGuard(token, names);
    }

    @Bean
    RouterFunction<ServerResponse> operatorRoutes(
            ErrandProperties properties,
            LivePolicies live,
            SigningKeys keys,
            StoredPolicies policies,
            TaskStore tasks,
            StartStore starts,
            ProvenanceLog log,
            TaskMetrics metrics,
            Scheduler operatorLookups) {
        TaskTrees trees = new TaskTrees(properties.file(properties.provenance().directory()), policies, tasks);
        DecisionPages decisions =
                new DecisionPages(properties.file(properties.provenance().directory()), properties.directory(), live);
        RecentTasks recent =
                new RecentTasks(properties.file(properties.provenance().directory()), trees);
        return new OperatorRoutes(
                        live,
                        keys,
                        decisions,
                        trees,
                        recent,
                        new Interruptions(trees, tasks, starts, log, metrics, operatorLookups))
                .routes();
    }

    /** One reads the log at a time, and at most 1,000 wait: many interruptions at once read a long log one after the other. */
    @Bean(destroyMethod = "dispose")
    Scheduler operatorLookups() {
        return Schedulers.newBoundedElastic(1, 1000, "errand-operator-lookup", 60, true);
    }

    /** An event loop of its own: however busy clients keep the others, readiness is answered. */
    @Bean(destroyMethod = "dispose")
    LoopResources operatorLoop() {
        return LoopResources.create("errand-operator", 1, 1, true);
    }

    /** {@code server.http2} is the traffic port's: what the operator needs is HTTP/1.1. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> operatorHttp(LoopResources operatorLoop) {
        return factory -> {
            factory.setHttp2(null);
            factory.addServerCustomizers(http -> http.runOn(operatorLoop));
        };
    }

    @Bean
    ServerConnections operatorConnections(ErrandProperties properties, MeterRegistry registry) {
        return ServerConnections.ofOperator(properties.server(), registry);
    }

    @Bean
    RouterFunction<ServerResponse> consoleRoutes() {
        return Console.routes();
    }
}

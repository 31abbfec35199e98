package dev.errand.issuer.approval;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.issuer.IssuerSettings;
import dev.errand.jose.DpopVerifier;
import dev.errand.policy.LivePolicies;
import dev.errand.state.RequestIndex;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.task.AskPolicy;
import dev.errand.web.BodyReader;
import dev.errand.web.RunningRevision;
import dev.errand.web.stage.ApprovalRecords;
import dev.errand.web.stage.ShownBodies;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.HashSet;
import java.util.Set;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Wires the approvals. */
@Configuration(proxyBeanMethods = false)
@Import({PageConfiguration.class, Requests.class, StandingApprovals.class})
class ApprovalConfiguration {
    @Bean(destroyMethod = "close")
    EndedRequests approvalEndedRequests(
            RequestIndex index, Requests requests, ApprovalRecords records, WaitingAgents agents, Clock clock) {
        return new EndedRequests(index, requests, records, agents, clock);
    }

    @Bean
    ApprovalJson approvalJson(IssuerSettings settings, ErrandProperties properties, ShownBodies bodies, Clock clock) {
        UsedOperations used =
                new UsedOperations(properties.file(properties.provenance().directory()));
        return new ApprovalJson(settings, used, bodies, clock);
    }

    @Bean
    WaitingAgents waitingAgents(Requests requests, MeterRegistry registry, Clock clock) {
        WaitingAgents agents = new WaitingAgents(requests, clock);
        Gauge.builder("errand.approvals.waiting", agents, WaitingAgents::size)
                .description("Agents that wait for the end of a request for approval")
                .register(registry);
        return agents;
    }

    @Bean
    Deciders approvalDeciders(
            RunningRevision running, DpopVerifier proofs, StartStore starts, IssuerSettings settings, Clock clock) {
        return new Deciders(() -> running.current().trust().humans(), proofs, starts, settings, clock);
    }

    @Bean
    ApprovalService approvalService(
            Requests requests,
            RequestIndex index,
            TaskStore tasks,
            StartStore starts,
            ApprovalRecords records,
            WaitingAgents agents,
            ApprovalJson json,
            LivePolicies live,
            IssuerSettings settings,
            Clock clock) {
        return new ApprovalService(
                requests, index, tasks, starts, records, agents, json, () -> clients(live), settings, clock);
    }

    /** The routes of the pages, if there are pages. They come first, so that a browser that accepts HTML gets a page. */
    @Bean
    RouterFunction<ServerResponse> approvalRouter(
            Deciders deciders,
            ApprovalService service,
            ObjectProvider<ApprovalPages> pages,
            ObjectProvider<StartPages> starts,
            ObjectProvider<ErrandsPages> errands,
            BodyReader.Bounds bodies) {
        RouterFunction<ServerResponse> programs =
                new ApprovalRoutes(deciders, service, new BodyReader(bodies)).router();
        ApprovalPages shown = pages.getIfAvailable();
        StartPages start = starts.getIfAvailable();
        ErrandsPages own = errands.getIfAvailable();
        return shown == null || start == null || own == null
                ? programs
                : shown.router().and(start.router()).and(own.router()).and(programs);
    }

    /** The clients at which people sign in to approve, of all templates. */
    private static Set<String> clients(LivePolicies live) {
        Set<String> clients = new HashSet<>();
        live.current().templates().values().forEach(template -> {
            AskPolicy ask = template.enforced().ask();
            if (ask != null) {
                clients.addAll(ask.by().clients());
            }
        });
        return clients;
    }
}

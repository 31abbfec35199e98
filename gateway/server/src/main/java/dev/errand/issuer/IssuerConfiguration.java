package dev.errand.issuer;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.fleet.StartedTasks;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.SigningKeys;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.web.BodyReader;
import dev.errand.web.Revision;
import dev.errand.web.RunningRevision;
import dev.errand.web.refusal.StartRecords;
import dev.errand.web.refusal.TaskMetrics;
import java.security.SecureRandom;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Wires the issuer from the parts that verify, sign and keep state. */
@Configuration(proxyBeanMethods = false)
@Import({ViewConfiguration.class, CredentialIssuerConfiguration.class})
class IssuerConfiguration {
    @Bean
    VerifiedIdentities issuerIdentities(RunningRevision running, Clock clock) {
        return new VerifiedIdentities(
                () -> running.current().trust().humans(),
                () -> running.current().trust().svids(),
                clock);
    }

    @Bean
    ClientAuthentication issuerClients(VerifiedIdentities identities, IssuerSettings settings) {
        return new ClientAuthentication(identities, settings);
    }

    @Bean
    ProofCheck issuerProofs(
            DpopVerifier verifier,
            ObjectProvider<DpopNonces> nonces,
            StartStore starts,
            IssuerSettings settings,
            Clock clock) {
        return new ProofCheck(verifier, nonces.getIfAvailable(), starts, settings, clock);
    }

    @Bean
    ClientRate issuerClientRate(IssuerSettings settings) {
        return new ClientRate(settings);
    }

    @Bean
    StartPolicy issuerStartPolicy(RunningTemplates templates, StoredPolicies policies, IssuerSettings settings) {
        return new StartPolicy(templates::find, policies::narrowed, settings);
    }

    @Bean
    AgentRequests issuerAgentRequests(ClientAuthentication clients, ClientRate rate, ProofCheck proofs) {
        return new AgentRequests(clients, rate, proofs);
    }

    @Bean
    AskedTasks askedTasks(
            StartRequestStore store,
            RunningTemplates templates,
            StartPolicy policy,
            StartRecords records,
            Clock clock) {
        return new AskedTasks(store, templates::find, policy, records, clock);
    }

    @Bean(destroyMethod = "close")
    ExpiredAsks expiredAsks(AskedTasks asked, ErrandProperties properties) {
        return new ExpiredAsks(asked, isAsking(properties));
    }

    /** Whether there are pages where humans sign in, so that agents can ask them for tasks. */
    private static boolean isAsking(ErrandProperties properties) {
        return properties.console().login() != null;
    }

    @Bean
    StartService startService(
            AgentRequests agents,
            AskedTasks asked,
            ErrandProperties properties,
            VerifiedIdentities identities,
            StartStore starts,
            TaskStore tasks,
            SigningKeys keys,
            IssuerSettings settings,
            RunningTemplates templates,
            StartPolicy policy,
            StoredPolicies policies,
            StartedTasks fleet,
            StartRecords records,
            Clock clock) {
        return new StartService(
                agents,
                identities,
                starts,
                templates::find,
                policy,
                policies::template,
                new TaskStarter(starts, tasks, fleet, keys, settings, templates::policy, new SecureRandom(), clock),
                keys,
                records,
                settings,
                clock,
                isAsking(properties) ? asked : null);
    }

    @Bean
    RouterFunction<ServerResponse> issuerRouter(
            IssuerSettings settings,
            StartService service,
            AgentRequests agents,
            AskedTasks asked,
            RunningTemplates templates,
            StartPolicy policy,
            ErrandProperties properties,
            ClientAuthentication clients,
            ProofCheck proofs,
            RunningRevision running,
            GoverningPolicies policies,
            TaskStore tasks,
            StartStore starts,
            ProvenanceLog log,
            StartRecords records,
            TaskMetrics metrics,
            SigningKeys keys,
            RunningRoutes routes,
            BodyReader.Bounds bodies,
            Clock clock) {
        PresentedChain presented =
                new PresentedChain(() -> running.current().trust().chains(), clock);
        TaskLookup tasksOf = chain -> {
            Revision now = running.current();
            return policies.of(chain, now.policies(), now.trust().anchors());
        };
        String pages = properties.approvals().url();
        DeviceAuthorization asking = !isAsking(properties)
                ? null
                : new DeviceAuthorization(
                        agents,
                        asked,
                        records,
                        templates::find,
                        policy,
                        pages == null ? settings.issuer() : pages,
                        new SecureRandom(),
                        clock);
        return new IssuerRoutes(
                        settings,
                        service,
                        asking,
                        new RevokeService(proofs, presented, tasksOf, tasks, starts, log, records, metrics),
                        new IntrospectService(clients, proofs, presented, tasksOf, tasks),
                        new IssuerMetadata(settings, routes::ids, asking != null),
                        new ProblemPages(),
                        keys,
                        bodies)
                .router();
    }
}

package dev.errand.issuer;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.fleet.StartedTasks;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.SigningKeys;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.StandingErrands;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.IndexReader;
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
@Import({
    AgentRequests.class,
    ClientAuthentication.class,
    ClientRate.class,
    CredentialIssuerConfiguration.class,
    StandingEnds.class,
    StandingUpkeep.class,
    ViewConfiguration.class
})
class IssuerConfiguration {
    @Bean
    VerifiedIdentities issuerIdentities(RunningRevision running, Clock clock) {
        return new VerifiedIdentities(
                () -> running.current().trust().humans(),
                () -> running.current().trust().svids(),
                clock);
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
    StartPolicy issuerStartPolicy(RunningTemplates templates, StoredPolicies policies, IssuerSettings settings) {
        return new StartPolicy(templates::find, policies::narrowed, settings);
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
    TaskStarter taskStarter(
            StartStore starts,
            TaskStore tasks,
            StartedTasks fleet,
            SigningKeys keys,
            IssuerSettings settings,
            RunningTemplates templates,
            Clock clock) {
        return new TaskStarter(starts, tasks, fleet, keys, settings, templates::policy, new SecureRandom(), clock);
    }

    @Bean
    Repetition startRepetition(SigningKeys keys, IssuerSettings settings, StoredPolicies policies, Clock clock) {
        return new Repetition(keys, settings, policies::template, clock);
    }

    @Bean
    StandingSettling standingSettling(StandingErrands errands, IndexReader index) {
        return new StandingSettling(errands, index::glance);
    }

    @Bean
    StandingRuns standingRuns(
            StandingErrands errands,
            StartStore starts,
            AskedTasks asked,
            StartPolicy policy,
            TaskStarter starter,
            Repetition repetition,
            RunningTemplates templates,
            StoredPolicies policies,
            StandingSettling settling,
            ClientRate rate,
            StartRecords records) {
        return new StandingRuns(
                errands,
                starts,
                asked,
                new StandingGrants(asked, policy),
                starter,
                repetition,
                templates::find,
                policies::template,
                settling,
                rate,
                records);
    }

    @Bean
    RouterFunction<ServerResponse> leaverRouter(
            RunningRevision running,
            StartStore starts,
            StandingEnds ends,
            IndexReader index,
            BodyReader.Bounds bodies,
            Clock clock) {
        return new LeaverEvents(
                        () -> running.current().trust().humans(),
                        starts,
                        ends,
                        index::page,
                        new BodyReader(bodies),
                        clock)
                .router();
    }

    @Bean
    StartService startService(
            AgentRequests agents,
            AskedTasks asked,
            ErrandProperties properties,
            VerifiedIdentities identities,
            StartStore starts,
            IssuerSettings settings,
            RunningTemplates templates,
            StartPolicy policy,
            TaskStarter starter,
            Repetition repetition,
            StandingRuns standing,
            StartRecords records,
            Clock clock) {
        return new StartService(
                agents,
                identities,
                starts,
                templates::find,
                policy,
                starter,
                repetition,
                standing,
                records,
                settings,
                isAsking(properties) ? asked : null,
                clock);
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
            StandingEnds ends,
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
                        new RevokeService(
                                clients, proofs, presented, tasksOf, tasks, starts, log, records, metrics, ends, asked),
                        new IntrospectService(clients, proofs, presented, tasksOf, tasks),
                        new IssuerMetadata(settings, routes::ids, asking != null),
                        new ProblemPages(),
                        keys,
                        bodies)
                .router();
    }
}

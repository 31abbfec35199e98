package dev.errand.web;

import dev.errand.delegation.chain.PopVerifier;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.policy.GoverningPolicies;
import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnTokens;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/**
 * The filters and what they share, wired; what sends is {@link RoutingConfiguration}'s. The rooms' own services come from the
 * auto-configuration.
 */
@Configuration(proxyBeanMethods = false)
@Import(RoutingConfiguration.class)
public class FiltersConfiguration {
    /**
     * What the filters need to know of the configuration.
     *
     * @param issuer our own identifier
     * @param observe whether decisions are only observed
     * @param gateway the name of this replica
     * @param proofWindow the accepted age of a proof, each side
     */
    public record Settings(String issuer, boolean observe, String gateway, Duration proofWindow) {}

    @Bean
    CallMetrics errandCallMetrics(MeterRegistry registry) {
        return new CallMetrics(registry);
    }

    @Bean
    Records errandRecords(Settings settings) {
        return new Records(settings.observe() ? "observe" : "enforce", settings.gateway());
    }

    @Bean
    UnverifiedRefusals errandUnverifiedRefusals(ProvenanceLog log, Records records) {
        return new UnverifiedRefusals(log, records);
    }

    @Bean
    Answers errandAnswers(
            Settings settings,
            TaskStore store,
            ProvenanceLog log,
            Records records,
            UnverifiedRefusals unverified,
            CallMetrics metrics) {
        return new Answers(settings.issuer(), store, log, records, unverified, metrics);
    }

    @Bean
    KnownChains errandKnownChains() {
        return new KnownChains();
    }

    @Bean
    Standings errandStandings(GoverningPolicies policies) {
        return new Standings(policies);
    }

    @Bean
    CallerVerification errandCallerVerification(
            Settings settings,
            KnownChains chains,
            DpopVerifier dpop,
            ObjectProvider<DpopNonces> nonces,
            PopVerifier pop,
            Standings standings,
            Clock clock) {
        return new CallerVerification(
                settings.issuer(),
                chains,
                dpop,
                nonces.getIfAvailable(),
                pop,
                settings.proofWindow(),
                new WorkloadIdentities(settings.issuer()),
                standings,
                clock);
    }

    @Bean
    TaskIdentityGatewayFilterFactory taskIdentityGatewayFilterFactory(RunningRevision running, Answers answers) {
        return new TaskIdentityGatewayFilterFactory(running, answers);
    }

    @Bean
    DelegationChainGatewayFilterFactory delegationChainGatewayFilterFactory(
            CallerVerification verification, Answers answers) {
        return new DelegationChainGatewayFilterFactory(verification, answers);
    }

    @Bean
    OperationMappingGatewayFilterFactory operationMappingGatewayFilterFactory(
            Answers answers, BodyReader.Bounds bodies, MeterRegistry registry) {
        return new OperationMappingGatewayFilterFactory(
                new OperationStage(answers, new BodyReader(bodies).observedBy(registry)));
    }

    @Bean
    TaskLimitsGatewayFilterFactory taskLimitsGatewayFilterFactory() {
        return new TaskLimitsGatewayFilterFactory();
    }

    @Bean
    TaskSequenceGatewayFilterFactory taskSequenceGatewayFilterFactory() {
        return new TaskSequenceGatewayFilterFactory();
    }

    @Bean
    TaskStepFilter errandTaskStepFilter(
            TaskStore store,
            Answers answers,
            KnownChains chains,
            CallMetrics metrics,
            LiveCalls live,
            Outcomes outcomes) {
        return new TaskStepFilter(store, answers, chains, metrics, live, outcomes);
    }

    @Bean
    Outcomes errandOutcomes(TaskStore store, ProvenanceLog log, Records records, Answers answers) {
        return new Outcomes(store, log, records, answers);
    }

    @Bean
    ProvenanceGatewayFilterFactory provenanceGatewayFilterFactory(
            ProvenanceLog log,
            Records records,
            TxnTokens tokens,
            RequestSigner signer,
            Outcomes outcomes,
            Answers answers,
            CallMetrics metrics) {
        return new ProvenanceGatewayFilterFactory(
                new ProvenanceStage(log, records, new UpstreamHeaders(tokens, signer), outcomes, answers, metrics));
    }

    @Bean
    UpstreamCredentialGatewayFilterFactory upstreamCredentialGatewayFilterFactory() {
        return new UpstreamCredentialGatewayFilterFactory();
    }

    @Bean
    EdgeErrorHandler errandEdgeErrorHandler(Answers answers) {
        return new EdgeErrorHandler(answers);
    }

    /**
     * {@link EdgeErrorHandler} answers every error that still can be answered. Spring's own handlers behind it would only
     * pass the others on, at two operators each in every call.
     */
    @Bean
    static BeanDefinitionRegistryPostProcessor errandErrorHandling() {
        return registry -> Stream.of("errorWebExceptionHandler", "responseStatusExceptionHandler")
                .filter(registry::containsBeanDefinition)
                .filter(name -> String.valueOf(registry.getBeanDefinition(name).getFactoryBeanName())
                        .startsWith("org.springframework.boot."))
                .forEach(registry::removeBeanDefinition);
    }

    @Bean
    LiveCalls errandLiveCalls(TaskStore store, RunningRevision running) {
        return new LiveCalls(store, running);
    }

    @Bean
    CutFilter errandCutFilter(LiveCalls live) {
        return new CutFilter(live);
    }

    @Bean
    DrainAtStop errandDrainAtStop(LiveCalls live) {
        return new DrainAtStop(live);
    }

    @Bean(destroyMethod = "dispose")
    Disposable errandLiveCallsWatch(LiveCalls live) {
        return live.watch();
    }

    @Bean(destroyMethod = "dispose")
    Disposable errandUnverifiedRefusalsFlush(UnverifiedRefusals unverified) {
        return Flux.interval(Duration.ofSeconds(1))
                .onBackpressureDrop()
                .concatMap(tick -> unverified.flush())
                .subscribe();
    }
}

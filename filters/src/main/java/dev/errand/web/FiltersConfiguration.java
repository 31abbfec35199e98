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
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.netty.http.client.HttpClient;

/** The filters and what they share, wired. The rooms' own services come from the auto-configuration. */
@Configuration(proxyBeanMethods = false)
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
    static BeanPostProcessor errandStripPrefix() {
        return ExactStripPrefix.inPlaceOfTheGateways();
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
    OperationMappingGatewayFilterFactory operationMappingGatewayFilterFactory(Answers answers) {
        return new OperationMappingGatewayFilterFactory(new OperationStage(answers));
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
    UpstreamRoutingFilter errandUpstreamRoutingFilter(
            HttpClient client,
            ObjectProvider<List<HttpHeadersFilter>> headersFilters,
            HttpClientProperties properties) {
        return new UpstreamRoutingFilter(client, headersFilters, properties);
    }

    @Bean
    WebSocketFilter errandWebSocketFilter(
            HttpClient client,
            ObjectProvider<List<HttpHeadersFilter>> headersFilters,
            HttpClientProperties properties,
            Outcomes outcomes) {
        return new WebSocketFilter(client, headersFilters, properties, outcomes);
    }

    /**
     * What of the gateway's own gives way: two routing filters would leave the answer to whichever came first, and its
     * filters of headers copy them all once more each to remove what {@link HopHeaders} removes.
     */
    private static final List<String> REPLACED = List.of(
            "routingFilter",
            "websocketRoutingFilter",
            "removeHopByHopHeadersFilter",
            "removeForwardedHeadersFilter",
            "removeXForwardedHeadersFilter",
            "transferEncodingNormalizationHeadersFilter",
            "gRPCRequestHeadersFilter",
            "gRPCResponseHeadersFilter");

    @Bean
    static BeanDefinitionRegistryPostProcessor errandReplacement() {
        return registry -> {
            for (String own : REPLACED) {
                if (registry.containsBeanDefinition(own)) {
                    registry.removeBeanDefinition(own);
                }
            }
        };
    }

    @Bean
    SendDecidedFilter errandSendDecidedFilter() {
        return new SendDecidedFilter();
    }

    /** In the place of the gateway's own locator, by its name. */
    @Bean
    @Primary
    RouteLocator cachedCompositeRouteLocator(RunningRevision running, List<RouteLocator> others) {
        return new RunningRoutes(running, others);
    }

    @Bean
    RouteGuard errandRouteGuard() {
        return new RouteGuard();
    }

    @Bean
    OutgoingHeadersFilter errandOutgoingHeadersFilter() {
        return new OutgoingHeadersFilter();
    }

    @Bean
    IncomingHeadersFilter errandIncomingHeadersFilter() {
        return new IncomingHeadersFilter();
    }

    @Bean
    EdgeErrorHandler errandEdgeErrorHandler(Answers answers) {
        return new EdgeErrorHandler(answers);
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

    /**
     * Marks the moment from which a byte may be on its way, and forbids the client to send a request again by itself:
     * only a step of which nothing was sent is given back, and nothing is sent twice. A call that was given back in the
     * meantime, its agent gone or its time over, is not sent: its connection is closed before the first byte.
     */
    @Bean
    HttpClientCustomizer errandHttpClientCustomizer() {
        return client -> client.disableRetry(true).doOnRequest((request, connection) -> {
            Call call = request.currentContextView().getOrDefault(Call.class, null);
            if (call != null && !call.beginSending()) {
                connection.dispose();
            }
        });
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

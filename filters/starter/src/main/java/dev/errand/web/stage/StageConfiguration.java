package dev.errand.web.stage;

import dev.errand.fleet.LockedTasks;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.SigningKeys;
import dev.errand.policy.Candidates;
import dev.errand.state.StartStore;
import dev.errand.state.redis.SecretSeal;
import dev.errand.token.PopVerifier;
import dev.errand.web.BodyReader;
import dev.errand.web.Settings;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.Refusals;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.Disposable;

/**
 * Wires the stages of a call: who calls, which operation, the step with its outcome, the record, the calls under way and the
 * answer on its way back.
 */
@Configuration(proxyBeanMethods = false)
@Import({
    KnownChains.class,
    GovernedChains.class,
    TaskIdentityGatewayFilterFactory.class,
    DelegationChainGatewayFilterFactory.class,
    HolderVerification.class,
    EdgeErrorHandler.class,
    TrailersFilter.class,
    LiveCalls.class,
    CutFilter.class,
    DrainAtStop.class,
    TaskLimitsGatewayFilterFactory.class,
    TaskSequenceGatewayFilterFactory.class,
    TaskStepFilter.class,
    Settlements.class,
    ReturnedAnswers.class,
    Outcomes.class,
    PermitAges.class,
    ApprovedCalls.class,
    ApprovalRecords.class,
    UpstreamHeaders.class,
    ProvenanceStage.class,
    ProvenanceGatewayFilterFactory.class
})
public class StageConfiguration {
    @Bean
    CallerVerification errandCallerVerification(
            Settings settings,
            KnownChains chains,
            DpopVerifier dpop,
            ObjectProvider<DpopNonces> nonces,
            PopVerifier pop,
            GovernedChains governedChains,
            LockedTasks locks,
            Candidates candidates,
            Clock clock) {
        return new CallerVerification(
                chains,
                Possession.of(settings.issuer(), dpop, nonces.getIfAvailable(), pop, settings.proofWindow()),
                new WorkloadIdentities(settings.issuer()),
                governedChains,
                locks,
                candidates,
                clock);
    }

    @Bean
    OperationMappingGatewayFilterFactory operationMappingGatewayFilterFactory(Refusals refusals, BodyReader bodies) {
        return new OperationMappingGatewayFilterFactory(new OperationStage(refusals, bodies));
    }

    /** The one reader of all bodies that are needed to decide: its bounds count all of them. */
    @Bean
    BodyReader errandBodyReader(BodyReader.Bounds bodies, MeterRegistry registry) {
        return new BodyReader(bodies).observedBy(registry);
    }

    @Bean
    AnswerSearch errandAnswerSearch(CallMetrics metrics) {
        return new AnswerSearch(metrics::echoed, System::nanoTime);
    }

    /**
     * Removes Spring's own error handlers. {@link EdgeErrorHandler} answers every error that still can be answered; Spring's
     * handlers would only pass the other errors on, and add two operators each to every call.
     */
    @Bean
    static BeanDefinitionRegistryPostProcessor errandErrorHandling() {
        return registry -> Stream.of("errorWebExceptionHandler", "responseStatusExceptionHandler")
                .filter(registry::containsBeanDefinition)
                .filter(name -> String.valueOf(registry.getBeanDefinition(name).getFactoryBeanName())
                        .startsWith("org.springframework.boot."))
                .forEach(registry::removeBeanDefinition);
    }

    @Bean(destroyMethod = "dispose")
    Disposable errandLiveCallsWatch(LiveCalls live) {
        return live.watch();
    }

    @Bean
    ShownBodies errandShownBodies(SigningKeys keys) {
        return new ShownBodies(new SecretSeal(keys::stateKeys));
    }

    @Bean
    AskedCalls errandAskedCalls(Refusals refusals, BodyReader bodies, StartStore starts, ShownBodies shown) {
        return new AskedCalls(refusals, bodies, new RequestLimits(starts), shown);
    }
}

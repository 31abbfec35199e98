package dev.errand.web.caller;

import dev.errand.delegation.chain.PopVerifier;
import dev.errand.jose.proof.DpopNonces;
import dev.errand.jose.proof.DpopVerifier;
import dev.errand.policy.GoverningPolicies;
import dev.errand.web.call.Settings;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.route.RunningRevision;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The filters that prove who calls, wired. */
@Configuration(proxyBeanMethods = false)
public class CallerConfiguration {
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
                chains,
                new Possession(settings.issuer(), dpop, nonces.getIfAvailable(), pop, settings.proofWindow()),
                new WorkloadIdentities(settings.issuer()),
                standings,
                clock);
    }

    @Bean
    TaskIdentityGatewayFilterFactory taskIdentityGatewayFilterFactory(RunningRevision running, Refusals refusals) {
        return new TaskIdentityGatewayFilterFactory(running, refusals);
    }

    @Bean
    DelegationChainGatewayFilterFactory delegationChainGatewayFilterFactory(
            CallerVerification verification, Refusals refusals) {
        return new DelegationChainGatewayFilterFactory(verification, refusals);
    }
}

package dev.errand.web.stage;

import dev.errand.fleet.LockedTasks;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.policy.Candidates;
import dev.errand.token.PopVerifier;
import dev.errand.web.Settings;
import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the filters that prove who calls. */
@Configuration(proxyBeanMethods = false)
@Import({
    KnownChains.class,
    Standings.class,
    TaskIdentityGatewayFilterFactory.class,
    DelegationChainGatewayFilterFactory.class,
    HolderVerification.class
})
public class CallerConfiguration {
    @Bean
    CallerVerification errandCallerVerification(
            Settings settings,
            KnownChains chains,
            DpopVerifier dpop,
            ObjectProvider<DpopNonces> nonces,
            PopVerifier pop,
            Standings standings,
            LockedTasks locks,
            Candidates candidates,
            Clock clock) {
        return new CallerVerification(
                chains,
                Possession.of(settings.issuer(), dpop, nonces.getIfAvailable(), pop, settings.proofWindow()),
                new WorkloadIdentities(settings.issuer()),
                standings,
                locks,
                candidates,
                clock);
    }
}

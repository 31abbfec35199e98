package dev.errand.web.stage;

import dev.errand.jose.SigningKeys;
import dev.errand.state.StartStore;
import dev.errand.state.redis.SecretSeal;
import dev.errand.web.BodyReader;
import dev.errand.web.refusal.Refusals;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires what handles the calls that wait for a human. */
@Configuration(proxyBeanMethods = false)
@Import(ApprovalRecords.class)
class ApprovalConfiguration {
    @Bean
    ShownBodies errandShownBodies(SigningKeys keys) {
        return new ShownBodies(new SecretSeal(keys::stateKeys));
    }

    @Bean
    AskedCalls errandAskedCalls(Refusals refusals, BodyReader bodies, StartStore starts, ShownBodies shown) {
        return new AskedCalls(refusals, bodies, new RequestLimits(starts), shown);
    }
}

package dev.errand.autoconfigure;

import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.jose.SigningKeys;
import dev.errand.token.Limits;
import dev.errand.token.PopVerifier;
import dev.errand.token.SignatureVerifier;
import java.util.Set;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The beans that verify signatures and proofs. */
@Configuration(proxyBeanMethods = false)
@Import(JoseSignatureVerifier.class)
class TrustConfiguration {
    @Bean
    PopVerifier errandPopVerifier(SignatureVerifier signatures, ErrandProperties properties) {
        return new PopVerifier(
                signatures, Set.of(properties.issuer()), properties.proof().requireAudience(), limits(properties));
    }

    static Limits limits(ErrandProperties properties) {
        return Limits.DEFAULT
                .withLifetimeSeconds(properties.trust().maxLifetime().toSeconds())
                .withClockAllowanceSeconds(properties.proof().window().toSeconds());
    }

    @Bean
    @ConditionalOnProperty("errand.proof.nonce")
    DpopNonces errandDpopNonces(SigningKeys keys, ErrandProperties properties) {
        return DpopNonces.of(keys, properties.proof().window());
    }

    @Bean
    DpopVerifier errandDpopVerifier(
            ErrandProperties properties, org.springframework.beans.factory.ObjectProvider<DpopNonces> nonces) {
        return new DpopVerifier(properties.proof().window(), nonces.getIfAvailable());
    }
}

package dev.errand.issuer;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.jose.CredentialKeys;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Wires the routes of the credentials' issuer. */
@Configuration(proxyBeanMethods = false)
class CredentialIssuerConfiguration {
    @Bean
    RouterFunction<ServerResponse> credentialIssuerRouter(ErrandProperties properties, CredentialKeys.Rotation keys) {
        return new CredentialIssuer(properties.issuer(), properties.credentialsIssuer(), keys).router();
    }
}

package dev.errand.peers;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.io.IOException;
import java.security.Principal;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.cloud.gateway.filter.ratelimit.KeyResolver;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.reactive.EnableWebFluxSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.security.web.server.context.NoOpServerSecurityContextRepository;
import redis.embedded.RedisServer;

/**
 * Spring Cloud Gateway with its features that are nearest to Errand's: Spring Security verifies the caller's JWT at each
 * request, and {@code RequestRateLimiter} asks Redis ({@code secured.yaml}). With {@code --native=true} it uses the same native
 * provider of cryptography as Errand, for a fair comparison.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableWebFluxSecurity
public class SecuredGateway {
    public static void main(String[] arguments) throws IOException {
        if (Boolean.getBoolean("peers.native")) {
            AmazonCorrettoCryptoProvider.install();
            AmazonCorrettoCryptoProvider.INSTANCE.assertHealthy();
        }
        RedisServer redis = RedisServer.newRedisServer()
                .port(Integer.getInteger("peers.redis"))
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        redis.start();
        SpringApplication.run(SecuredGateway.class, arguments);
    }

    /** Configures a resource server: no sessions, no CSRF, no login page. */
    @Bean
    SecurityWebFilterChain security(ServerHttpSecurity http) {
        return http.authorizeExchange(exchanges -> exchanges.anyExchange().authenticated())
                .oauth2ResourceServer(server -> server.jwt(Customizer.withDefaults()))
                .securityContextRepository(NoOpServerSecurityContextRepository.getInstance())
                .csrf(ServerHttpSecurity.CsrfSpec::disable)
                .build();
    }

    /** Gives each caller a bucket of its own. */
    @Bean
    KeyResolver caller() {
        return exchange -> exchange.getPrincipal().map(Principal::getName);
    }
}

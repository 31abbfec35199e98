package dev.errand.autoconfigure;

import dev.errand.loop.LoopConnections;
import dev.errand.web.send.UpgradeClient;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientFactory;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.HttpResources;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;

/** The HTTP client for upstreams: that of Spring Cloud Gateway, with separate connections for each event loop. */
@Configuration(proxyBeanMethods = false)
class ConnectionsConfiguration {
    /** Has the bean name of Spring Cloud Gateway's own factory, which it replaces. */
    @Bean
    @ConditionalOnMissingBean({HttpClient.class, HttpClientFactory.class})
    HttpClientFactory gatewayHttpClientFactory(
            HttpClientProperties properties,
            ServerProperties server,
            List<HttpClientCustomizer> customizers,
            HttpClientSslConfigurer ssl) {
        return new HttpClientFactory(properties, server, ssl, customizers) {
            @Override
            protected ConnectionProvider buildConnectionProvider(HttpClientProperties properties) {
                ConnectionProvider whole = super.buildConnectionProvider(properties);
                // An upstream may choose HTTP/2. Then one connection carries the calls of all event loops.
                return server.getHttp2().isEnabled()
                        ? whole
                        : LoopConnections.of(
                                whole,
                                HttpResources.get(),
                                LoopResources.DEFAULT_IO_WORKER_COUNT,
                                patience(properties));
            }
        };
    }

    /** The client for upgrades: that of Spring Cloud Gateway, without HTTP/2 even if the server side speaks it. */
    @Bean
    UpgradeClient errandUpgradeClient(HttpClient client, HttpClientProperties properties, SslBundles bundles) {
        ServerProperties withoutHttp2 = new ServerProperties();
        return new UpgradeClient(new HttpClientSslConfigurer(properties.getSsl(), withoutHttp2, bundles)
                .configureSsl(client.protocol(HttpProtocol.HTTP11)));
    }

    private static Duration patience(HttpClientProperties properties) {
        Long millis = properties.getPool().getAcquireTimeout();
        return Duration.ofMillis(millis != null ? millis : ConnectionProvider.DEFAULT_POOL_ACQUIRE_TIMEOUT);
    }
}

package dev.errand.autoconfigure;

import dev.errand.web.BodyReader;
import dev.errand.web.MalformedBody;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Bounds for the bodies of requests, and for the memory that holds them. */
@Configuration(proxyBeanMethods = false)
@Import(DirectMemory.class)
class BodiesConfiguration {
    @Bean
    BodyReader.Bounds errandBodyBounds(ErrandProperties properties) {
        return properties.bodies().bounds();
    }

    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> errandMalformedBodies() {
        return factory -> factory.addServerCustomizers(
                http -> http.doOnChannelInit((observer, channel, remote) -> MalformedBody.watch(channel.pipeline())));
    }
}

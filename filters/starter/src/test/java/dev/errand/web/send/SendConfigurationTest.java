package dev.errand.web.send;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.web.Progress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.mock.env.MockEnvironment;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

class SendConfigurationTest {
    private static final String LIST = "spring.cloud.gateway.server.webflux.filter.remove-hop-by-hop.headers";

    private static String[] left(MockEnvironment environment) {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        beans.registerBeanDefinition("routingFilter", new RootBeanDefinition(Object.class));
        beans.registerBeanDefinition("removeHopByHopHeadersFilter", new RootBeanDefinition(Object.class));
        SendConfiguration.errandReplacement(environment).postProcessBeanDefinitionRegistry(beans);
        return beans.getBeanDefinitionNames();
    }

    @Test
    void gatewaysOwn_ofWhichNothingIsAsked_givesWay() {
        assertThat(left(new MockEnvironment())).isEmpty();
    }

    /** A header that an operator has removed on every route must not come through because ours removes others. */
    @Test
    void gatewaysOwn_withAListOfTheOperators_stays() {
        assertThat(left(new MockEnvironment().withProperty(LIST, "x-internal")))
                .containsExactly("removeHopByHopHeadersFilter");
        assertThat(left(new MockEnvironment().withProperty(LIST + "[0]", "x-internal")))
                .containsExactly("removeHopByHopHeadersFilter");
    }

    /** As one on which the upstream sent what nobody asked for. */
    @ParameterizedTest
    @CsvSource({"true, true", "false, false"})
    void call_whoseConnectionIsClosedBeforeItIsSent_isNotSent(boolean closed, boolean unsent) {
        DisposableServer upstream = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle((request, response) -> response.send())
                .bindNow();
        Progress call = new Progress();
        HttpClient client = new SendConfiguration()
                .errandHttpClientCustomizer()
                .customize(HttpClient.create().doOnRequest((request, connection) -> {
                    if (closed) {
                        connection.channel().close();
                    }
                }));
        try {
            Mono<Integer> status = client.get()
                    .uri("http://127.0.0.1:" + upstream.port() + "/x")
                    .response()
                    .map(answer -> answer.status().code())
                    .onErrorReturn(0)
                    .contextWrite(context -> context.put(Progress.class, call));
            assertThat(status.block(Duration.ofSeconds(20))).isEqualTo(closed ? 0 : 200);
            assertThat(call.endUnsent()).isEqualTo(unsent);
        } finally {
            upstream.disposeNow();
        }
    }
}

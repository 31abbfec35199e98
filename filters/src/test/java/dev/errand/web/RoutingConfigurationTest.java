package dev.errand.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.mock.env.MockEnvironment;

class RoutingConfigurationTest {
    private static final String LIST = "spring.cloud.gateway.server.webflux.filter.remove-hop-by-hop.headers";

    private static String[] left(MockEnvironment environment) {
        DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
        beans.registerBeanDefinition("routingFilter", new RootBeanDefinition(Object.class));
        beans.registerBeanDefinition("removeHopByHopHeadersFilter", new RootBeanDefinition(Object.class));
        RoutingConfiguration.errandReplacement(environment).postProcessBeanDefinitionRegistry(beans);
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
}

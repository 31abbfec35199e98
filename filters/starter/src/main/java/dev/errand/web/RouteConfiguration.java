package dev.errand.web;

import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.config.GlobalCorsProperties;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.handler.FilteringWebHandler;
import org.springframework.cloud.gateway.route.RouteLocator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;
import org.springframework.web.reactive.accept.ApiVersionStrategy;

/** Wires the routes in the place of those of Spring Cloud Gateway. */
@Configuration(proxyBeanMethods = false)
@Import({PreflightFilter.class, RouteGuard.class})
public class RouteConfiguration {
    @Bean
    static BeanPostProcessor errandStripPrefix() {
        return ExactStripPrefix.inPlaceOfTheGateways();
    }

    /** Has the bean name of Spring Cloud Gateway's own locator, and so takes its place. */
    @Bean
    @Primary
    RunningRoutes cachedCompositeRouteLocator(RunningRevision running, List<RouteLocator> others) {
        return new RunningRoutes(running, others);
    }

    @Bean
    GivenRoutes errandGivenRoutes(
            ObjectProvider<GlobalFilter> filters,
            RunningRevision running,
            RunningRoutes routes,
            GlobalCorsProperties cors,
            Environment environment) {
        return new GivenRoutes(filters.stream().toList(), running, routes, cors, environment);
    }

    @Bean
    RouteMapping errandRouteMapping(
            FilteringWebHandler handler,
            RunningRevision running,
            RunningRoutes routes,
            GlobalCorsProperties cors,
            Environment environment,
            ObjectProvider<ApiVersionStrategy> versions) {
        RouteMapping mapping = new RouteMapping(handler, running, routes, cors, environment);
        versions.ifAvailable(mapping::setApiVersionStrategy);
        return mapping;
    }
}

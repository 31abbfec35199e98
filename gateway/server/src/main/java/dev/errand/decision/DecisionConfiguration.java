package dev.errand.decision;

import dev.errand.autoconfigure.AskedRoutes;
import dev.errand.autoconfigure.DecisionServiceProperties;
import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.web.GivenRoutes;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.send.UpstreamHeads;
import dev.errand.web.stage.Outcomes;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.ReactorResourceFactory;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.HttpHandler;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.server.WebExceptionHandler;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebHandler;
import org.springframework.web.server.adapter.WebHttpHandlerBuilder;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import reactor.core.publisher.Mono;

/** Wires the decision service, where one is configured. */
@Configuration(proxyBeanMethods = false)
@Import(DecisionDrain.class)
@ConditionalOnProperty("errand.decision-service.listen")
public class DecisionConfiguration {
    @Bean
    Decisions errandDecisions(
            ErrandProperties properties,
            GivenRoutes routes,
            Refusals refusals,
            Outcomes outcomes,
            UpstreamHeads heads,
            ObjectProvider<WebFilter> filters,
            ObjectProvider<WebExceptionHandler> handlers,
            MeterRegistry registry) {
        WebHandler routed = routes.handledBy(new AskFilters(refusals, outcomes, heads).all());
        List<PathPattern> stays = AskedRoutes.stays(properties).stream()
                .map(prefix -> PathPatternParser.defaultInstance.parse(prefix.replaceFirst("/$", "") + "/**"))
                .toList();
        HttpHandler handler = WebHttpHandlerBuilder.webHandler(exchange -> {
                    AskedRequest.of(exchange).asked().in(exchange);
                    PathContainer path = exchange.getRequest().getPath();
                    return stays.stream().anyMatch(own -> own.matches(path))
                            ? Mono.error(() -> new ResponseStatusException(HttpStatus.NOT_FOUND))
                            : routed.handle(exchange);
                })
                .filters(all -> filters.orderedStream().forEach(all::add))
                .exceptionHandlers(all -> handlers.orderedStream().forEach(all::add))
                .build();
        DecisionServiceProperties service = properties.decisionService();
        return new Decisions(
                handler,
                service.clientCertificate() == DecisionServiceProperties.ClientCertificate.XFCC,
                service.streams(),
                registry);
    }

    @Bean
    DecisionServer errandDecisionServer(
            ErrandProperties properties, Decisions decisions, ReactorResourceFactory resources) {
        ServiceLoops loops = new ServiceLoops(resources.getLoopResources());
        return new DecisionServer(
                properties.decisionService(),
                properties::file,
                loops,
                List.of(new ProcessorService(decisions, loops), new AuthorizationService(decisions, loops)));
    }
}

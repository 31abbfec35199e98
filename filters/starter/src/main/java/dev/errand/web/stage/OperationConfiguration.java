package dev.errand.web.stage;

import dev.errand.web.BodyReader;
import dev.errand.web.refusal.Refusals;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the filter that names operations. */
@Configuration(proxyBeanMethods = false)
public class OperationConfiguration {
    @Bean
    OperationMappingGatewayFilterFactory operationMappingGatewayFilterFactory(Refusals refusals, BodyReader bodies) {
        return new OperationMappingGatewayFilterFactory(new OperationStage(refusals, bodies));
    }

    /** The one reader of all bodies that are needed to decide: its bounds count all of them. */
    @Bean
    BodyReader errandBodyReader(BodyReader.Bounds bodies, MeterRegistry registry) {
        return new BodyReader(bodies).observedBy(registry);
    }
}

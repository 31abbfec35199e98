package dev.errand.web.operation;

import dev.errand.web.body.BodyReader;
import dev.errand.web.refusal.Refusals;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The filter that names operations, wired. */
@Configuration(proxyBeanMethods = false)
public class OperationConfiguration {
    @Bean
    OperationMappingGatewayFilterFactory operationMappingGatewayFilterFactory(Refusals refusals, BodyReader bodies) {
        return new OperationMappingGatewayFilterFactory(new OperationStage(refusals, bodies));
    }

    /** Of all bodies that calls are decided by. */
    @Bean
    BodyReader errandBodyReader(BodyReader.Bounds bodies, MeterRegistry registry) {
        return new BodyReader(bodies).observedBy(registry);
    }
}

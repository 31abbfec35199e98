package dev.errand.web.stage;

import dev.errand.web.refusal.CallMetrics;
import java.util.stream.Stream;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the beans for an answer's way back to the agent. */
@Configuration(proxyBeanMethods = false)
@Import({EdgeErrorHandler.class, TrailersFilter.class})
public class AnswerConfiguration {
    @Bean
    AnswerSearch errandAnswerSearch(CallMetrics metrics) {
        return new AnswerSearch(metrics::echoed, System::nanoTime);
    }

    /**
     * Removes Spring's own error handlers. {@link EdgeErrorHandler} answers every error that still can be answered; Spring's
     * handlers would only pass the other errors on, and add two operators each to every call.
     */
    @Bean
    static BeanDefinitionRegistryPostProcessor errandErrorHandling() {
        return registry -> Stream.of("errorWebExceptionHandler", "responseStatusExceptionHandler")
                .filter(registry::containsBeanDefinition)
                .filter(name -> String.valueOf(registry.getBeanDefinition(name).getFactoryBeanName())
                        .startsWith("org.springframework.boot."))
                .forEach(registry::removeBeanDefinition);
    }
}

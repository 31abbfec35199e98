package dev.errand.web.answer;

import java.util.stream.Stream;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The way back of an answer, wired. */
@Configuration(proxyBeanMethods = false)
@Import({EdgeErrorHandler.class, TrailersFilter.class})
public class AnswerConfiguration {
    /**
     * {@link EdgeErrorHandler} answers every error that still can be answered. Spring's own handlers behind it would only
     * pass the others on, at two operators each in every call.
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

package dev.errand.web;

import dev.errand.web.answer.AnswerConfiguration;
import dev.errand.web.caller.CallerConfiguration;
import dev.errand.web.live.LiveConfiguration;
import dev.errand.web.operation.OperationConfiguration;
import dev.errand.web.record.RecordConfiguration;
import dev.errand.web.refusal.RefusalConfiguration;
import dev.errand.web.route.RouteConfiguration;
import dev.errand.web.send.SendConfiguration;
import dev.errand.web.step.StepConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The rooms of the filters. Each room makes its own beans. The services of the other packages come from the
 * auto-configuration.
 */
@Configuration(proxyBeanMethods = false)
@Import({
    RouteConfiguration.class,
    RefusalConfiguration.class,
    CallerConfiguration.class,
    OperationConfiguration.class,
    AnswerConfiguration.class,
    LiveConfiguration.class,
    StepConfiguration.class,
    RecordConfiguration.class,
    SendConfiguration.class
})
public class FiltersConfiguration {}

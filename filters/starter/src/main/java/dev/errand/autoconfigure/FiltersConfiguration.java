package dev.errand.autoconfigure;

import dev.errand.web.RouteConfiguration;
import dev.errand.web.refusal.RefusalConfiguration;
import dev.errand.web.send.SendConfiguration;
import dev.errand.web.stage.AnswerConfiguration;
import dev.errand.web.stage.CallerConfiguration;
import dev.errand.web.stage.LiveConfiguration;
import dev.errand.web.stage.OperationConfiguration;
import dev.errand.web.stage.RecordConfiguration;
import dev.errand.web.stage.StepConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The configurations of the filters' packages. Each makes the beans of its package. The services that they need come
 * from the auto-configuration.
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
class FiltersConfiguration {}

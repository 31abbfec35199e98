package dev.errand.autoconfigure;

import dev.errand.web.RouteConfiguration;
import dev.errand.web.refusal.RefusalConfiguration;
import dev.errand.web.send.SendConfiguration;
import dev.errand.web.stage.StageConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * The configurations of the filters' packages. Each makes the beans of its package. The services that they need come
 * from the auto-configuration.
 */
@Configuration(proxyBeanMethods = false)
@Import({RouteConfiguration.class, RefusalConfiguration.class, StageConfiguration.class, SendConfiguration.class})
class FiltersConfiguration {}

package dev.errand.web.stage;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.Disposable;

/** Wires the calls under way: they are watched while the replica runs, and ended when it stops. */
@Configuration(proxyBeanMethods = false)
@Import({LiveCalls.class, CutFilter.class, DrainAtStop.class})
public class LiveConfiguration {
    @Bean(destroyMethod = "dispose")
    Disposable errandLiveCallsWatch(LiveCalls live) {
        return live.watch();
    }
}

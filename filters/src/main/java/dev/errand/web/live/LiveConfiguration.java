package dev.errand.web.live;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.Disposable;

/** The calls under way, wired: watched while the replica runs, ended when it stops. */
@Configuration(proxyBeanMethods = false)
@Import({LiveCalls.class, CutFilter.class, DrainAtStop.class})
public class LiveConfiguration {
    @Bean(destroyMethod = "dispose")
    Disposable errandLiveCallsWatch(LiveCalls live) {
        return live.watch();
    }
}

package dev.errand.web.live;

import dev.errand.state.TaskStore;
import dev.errand.web.route.RunningRevision;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;

/** The calls under way, wired: watched while the replica runs, ended when it stops. */
@Configuration(proxyBeanMethods = false)
public class LiveConfiguration {
    @Bean
    LiveCalls errandLiveCalls(TaskStore store, RunningRevision running) {
        return new LiveCalls(store, running);
    }

    @Bean
    CutFilter errandCutFilter(LiveCalls live) {
        return new CutFilter(live);
    }

    @Bean
    DrainAtStop errandDrainAtStop(LiveCalls live) {
        return new DrainAtStop(live);
    }

    @Bean(destroyMethod = "dispose")
    Disposable errandLiveCallsWatch(LiveCalls live) {
        return live.watch();
    }
}

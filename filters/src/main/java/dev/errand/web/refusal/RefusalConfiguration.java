package dev.errand.web.refusal;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.web.call.Settings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;

/** The refusals and what they are recorded and counted by, wired. */
@Configuration(proxyBeanMethods = false)
public class RefusalConfiguration {
    @Bean
    CallMetrics errandCallMetrics(MeterRegistry registry) {
        return new CallMetrics(registry);
    }

    @Bean
    Records errandRecords(Settings settings) {
        return new Records(settings.observe() ? "observe" : "enforce", settings.gateway());
    }

    @Bean
    UnverifiedRefusals errandUnverifiedRefusals(ProvenanceLog log, Records records) {
        return new UnverifiedRefusals(log, records);
    }

    @Bean
    Answers errandAnswers(Settings settings, CallMetrics metrics) {
        return new Answers(settings.issuer(), metrics);
    }

    @Bean
    Refusals errandRefusals(
            TaskStore store, ProvenanceLog log, Records records, UnverifiedRefusals unverified, Answers answers) {
        return new Refusals(store, log, records, unverified, answers);
    }

    @Bean(destroyMethod = "dispose")
    Disposable errandUnverifiedRefusalsFlush(UnverifiedRefusals unverified) {
        return Flux.interval(Duration.ofSeconds(1))
                .onBackpressureDrop()
                .concatMap(tick -> unverified.flush())
                .subscribe();
    }
}

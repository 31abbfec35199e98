package dev.errand.web.refusal;

import dev.errand.state.RegularWork;
import dev.errand.web.Settings;
import dev.errand.web.TraceFilter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** Wires the refusals, their records and their meters. */
@Configuration(proxyBeanMethods = false)
@Import({TaskMetrics.class, CandidateDecisions.class, UnverifiedRefusals.class, StartRecords.class, Refusals.class})
public class RefusalConfiguration {
    @Bean
    CallMetrics errandCallMetrics(MeterRegistry registry, ObjectProvider<TraceFilter> tracing) {
        return new CallMetrics(registry, tracing.getIfAvailable() != null);
    }

    @Bean
    Records errandRecords(Settings settings, CandidateDecisions candidates) {
        return new Records(settings.observe() ? "observe" : "enforce", settings.gateway(), candidates);
    }

    @Bean
    Answers errandAnswers(Settings settings, CallMetrics metrics) {
        return new Answers(settings.issuer(), metrics);
    }

    @Bean(destroyMethod = "dispose")
    Disposable errandRefusalCountsFlush(UnverifiedRefusals unverified, StartRecords starts) {
        return RegularWork.every(
                Duration.ofSeconds(1),
                "the refusals that were only counted cannot be recorded",
                () -> unverified.flush().then(Mono.defer(starts::flush)));
    }
}

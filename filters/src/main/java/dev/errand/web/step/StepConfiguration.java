package dev.errand.web.step;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.web.caller.KnownChains;
import dev.errand.web.live.LiveCalls;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.Records;
import dev.errand.web.refusal.Refusals;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The step and the outcomes, wired. */
@Configuration(proxyBeanMethods = false)
public class StepConfiguration {
    @Bean
    TaskLimitsGatewayFilterFactory taskLimitsGatewayFilterFactory() {
        return new TaskLimitsGatewayFilterFactory();
    }

    @Bean
    TaskSequenceGatewayFilterFactory taskSequenceGatewayFilterFactory() {
        return new TaskSequenceGatewayFilterFactory();
    }

    @Bean
    TaskStepFilter errandTaskStepFilter(
            TaskStore store,
            Refusals refusals,
            KnownChains chains,
            CallMetrics metrics,
            LiveCalls live,
            Outcomes outcomes) {
        return new TaskStepFilter(store, refusals, chains, metrics, live, outcomes);
    }

    @Bean
    Outcomes errandOutcomes(TaskStore store, ProvenanceLog log, Records records, Answers answers) {
        return new Outcomes(new Settlements(store, log, records), answers);
    }
}

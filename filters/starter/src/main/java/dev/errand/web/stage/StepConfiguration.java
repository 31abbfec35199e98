package dev.errand.web.stage;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the step and the outcomes. */
@Configuration(proxyBeanMethods = false)
@Import({
    TaskLimitsGatewayFilterFactory.class,
    TaskSequenceGatewayFilterFactory.class,
    TaskStepFilter.class,
    Settlements.class,
    ReturnedAnswers.class,
    Outcomes.class,
    Permits.class,
    ApprovedCalls.class,
    ApprovalConfiguration.class
})
public class StepConfiguration {}

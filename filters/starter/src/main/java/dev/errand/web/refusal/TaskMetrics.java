package dev.errand.web.refusal;

import dev.errand.denial.DenyReason;
import dev.errand.denial.StartReason;
import dev.errand.log.EndedBy;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.token.Human;
import dev.errand.web.Call;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import org.jspecify.annotations.Nullable;

/**
 * The meters of tasks: their starts, their endings, and in observe mode their calls that would have been denied. Labels are the name
 * of a template (empty where none governs) and words of closed lists; never a task, a human or an agent. Thread-safe.
 */
public final class TaskMetrics {
    private final MeterRegistry registry;

    /** Registers every outcome and reason with an empty template, so that each is there with 0 before it is first counted. */
    TaskMetrics(MeterRegistry registry) {
        this.registry = registry;
        starts(null, null);
        for (StartReason reason : StartReason.values()) {
            starts(null, reason);
        }
        for (EndedBy by : new EndedBy[] {
            EndedBy.operator("", null),
            EndedBy.HOLDER,
            EndedBy.POLICY,
            EndedBy.ROLLBACK,
            EndedBy.PROVIDER,
            EndedBy.human(new Human("", ""))
        }) {
            endings(null, by);
        }
    }

    /** One start: granted where the reason is null. */
    void started(@Nullable String template, @Nullable StartReason reason) {
        starts(template, reason).increment();
    }

    /** What became of a request for a task that a human is asked for. */
    void asked(String template, String what) {
        Counter.builder("errand.start.requests")
                .description("Requests for tasks that humans are asked for, by what became of them")
                .tag("template", template)
                .tag("what", what)
                .register(registry)
                .increment();
    }

    /** A run of a standing errand began, or was refused for that reason. */
    void run(String template, @Nullable String refused) {
        counter(
                        "errand.standing.runs",
                        "Runs of standing errands by template, outcome and the reason of a refusal",
                        Tags.of(
                                "template",
                                template,
                                "outcome",
                                refused == null ? "granted" : "refused",
                                "reason",
                                refused == null ? "" : refused))
                .increment();
    }

    /** A task, or a token of it, ended before its time. */
    public void ended(@Nullable String template, EndedBy by) {
        endings(template, by).increment();
    }

    /**
     * Counts a permitted call that would have been denied if its policy had not only observed.
     *
     * @return whether it was counted and the whole gateway only observes: then the call counts as no permit
     */
    public boolean wouldDeny(Call.Permitted call) {
        TaskOutcome.Permitted step = call.step();
        boolean over = step.progress().over();
        if (!over && step.observed().isEmpty()) {
            return false;
        }
        TaskPolicy policy = call.caller().policy();
        wouldDeny(
                policy.template(),
                over ? DenyReason.TASK_ENDED : step.observed().get(0).reason());
        return policy.observe();
    }

    private void wouldDeny(String template, DenyReason reason) {
        Counter.builder("errand.would.deny")
                .description("Calls that were only observed and would have been denied, by template and code")
                .tags("template", template, "code", reason.code())
                .register(registry)
                .increment();
    }

    /** A call was refused since too many outcomes of its task are unknown. */
    void unsettled(String template) {
        counter(
                        "errand.outcomes.unsettled",
                        "Calls that were refused since too many outcomes of their task are unknown",
                        Tags.of("template", template))
                .increment();
    }

    /** An answer came late and contradicted what an operator had said of its call. */
    public void contradicted(String template) {
        counter(
                        "errand.outcomes.contradicted",
                        "Answers that came late and contradicted what an operator had said of their call",
                        Tags.of("template", template))
                .increment();
    }

    private Counter starts(@Nullable String template, @Nullable StartReason reason) {
        return counter(
                "errand.starts",
                "Starts of tasks by template, outcome and the reason of a refusal",
                Tags.of(
                        "template",
                        template == null ? "" : template,
                        "outcome",
                        reason == null ? "granted" : "refused",
                        "reason",
                        reason == null ? "" : reason.code()));
    }

    private Counter endings(@Nullable String template, EndedBy by) {
        return counter(
                "errand.endings",
                "Tasks and tokens that ended before their time, by template and who ended them",
                Tags.of("template", template == null ? "" : template, "cause", by.cause()));
    }

    private Counter counter(String name, String description, Tags tags) {
        return Counter.builder(name).description(description).tags(tags).register(registry);
    }
}

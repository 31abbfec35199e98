package dev.errand.offline.judgement;

import dev.errand.jose.ProofClaim;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.offline.judgement.Corpus.Call;
import dev.errand.offline.judgement.Corpus.Run;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.task.CandidateVerdict;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.step.StepBatch;
import dev.errand.template.Template;
import dev.errand.token.Capability;
import dev.errand.token.ParameterValue;
import dev.errand.token.TokenId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Plays runs under the running template, and has a candidate judge them beside it, by the step that a live call makes. */
final class CandidateBench {
    private static final long BEGIN_MILLIS = 1_767_225_600_000L;
    private static final long BETWEEN_MILLIS = 2_000;
    private static final TokenId ROOT = new TokenId("root");

    private final OperationCatalogue catalogue = Desk.catalogue();
    private final Template running;
    private final Template candidate;
    private final TaskPolicy policy;

    CandidateBench(Template running, Template candidate) {
        this.running = running;
        this.candidate = candidate;
        this.policy = running.policy(false).beside(candidate.policy(false));
    }

    /** Whether the candidate would refuse a call of the run, which the running template permits. */
    boolean disturbs(Run run) {
        Map<String, ParameterValue> parameters = new LinkedHashMap<>();
        run.parameters().forEach((name, values) -> parameters.put(name, ParameterValue.of(values)));
        Capability grants = candidate.granted(candidate.grants().normal(parameters));
        Task task = StepBatch.apply(
                        policy,
                        null,
                        List.of(new TaskStep.Start(
                                ROOT, BEGIN_MILLIS + running.lifetime().toMillis())),
                        BEGIN_MILLIS)
                .next();
        boolean refused = false;
        for (int i = 0; i < run.calls().size(); i++) {
            Call call = run.calls().get(i);
            long now = BEGIN_MILLIS + (i + 1) * BETWEEN_MILLIS;
            JsonObject arguments = RunLog.arguments(call);
            Folding folding = catalogue.folding();
            Capability.Check granted = grants.check(call.operation(), folding.ofArguments(arguments), folding);
            OperationCall pair = new OperationCall(
                            catalogue.operation(call.operation()).orElseThrow(), call.resource(), arguments, false)
                    .folded(folding);
            StepBatch.Applied applied = StepBatch.apply(
                    policy,
                    task,
                    List.of(new TaskStep.Call(
                            "d-" + i,
                            List.of(new TokenAccount(
                                    ROOT, null, running.delegation().maxChildren(), List.of())),
                            ProofClaim.NONE,
                            List.of(pair),
                            true,
                            0)),
                    now);
            if (!(applied.outcomes().get(0) instanceof TaskOutcome.Permitted permitted)) {
                throw new IllegalStateException("the running template refuses " + call + ": " + applied.outcomes());
            }
            CandidateVerdict verdict =
                    Objects.requireNonNull(permitted.progress().candidate());
            boolean passes = verdict.reach() == CandidateVerdict.Reach.STEP && verdict.permit();
            refused |= !passes
                    || granted instanceof Capability.Check.Violated
                    || granted instanceof Capability.Check.NoSuchTool;
            task = StepBatch.apply(
                            policy, applied.next(), List.of(new TaskStep.Settle("d-" + i, call.status() < 400)), now)
                    .next();
        }
        return refused;
    }
}

package dev.errand.task.step;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.ApprovalQuestion.Limit;
import dev.errand.task.AskedMoves;
import dev.errand.task.Offer;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskOutcome.Decided;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.Tasks;
import dev.errand.task.TokenAccount;
import dev.errand.task.record.Stored;
import dev.errand.task.record.StoredTask;
import dev.errand.task.record.TaskFormats;
import dev.errand.template.TemplateParser;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A task under a template that asks, to which a test applies steps; before each it goes through its stored form. */
final class Asker {
    static final long T0 = 1_795_000_000_000L;
    static final long END = T0 + 900_000;
    static final TokenAccount ROOT = Tasks.token("root");
    static final TokenAccount CHILD = Tasks.token("child");
    static final Human ALICE = new Human("https://idp", "alice");
    static final Human BOB = new Human("https://idp", "bob");

    private static final String TEMPLATE = """
            template: t
            agents: ["spiffe://a.example/b"]
            humans: {issuer: i}
            allow: {x:a: {}, x:b: {}, x:c: {}, "x:d": {ask: always}, "x:e": {ask: {offer: {calls: 3, fixed: [account]}}}, "x:f": {ask: {offer: {calls: 2, fixed: [account], task: true}}}}
            ask: {by: {issuer: i, clients: [c]}%s}
            %s
            """;

    TaskPolicy policy;

    @Nullable Task task;

    long now = T0;
    private final Map<String, byte[]> store = new HashMap<>();
    private long version;
    private String lastDecision = "";
    private final Map<String, String> decisions = new HashMap<>();

    Asker(String ask, String rest) {
        this.policy = policy(ask, rest, false);
        assertThat(apply(new TaskStep.Start(ROOT.id(), END))).isInstanceOf(TaskOutcome.Done.class);
    }

    static TaskPolicy policy(String ask, String rest, boolean observe) {
        String text = TEMPLATE.formatted(ask.isEmpty() ? "" : ", " + ask, rest);
        Faults faults = new Faults();
        return new TemplateParser()
                .parse("t.yaml", text, null, faults)
                .orElseThrow(() -> new AssertionError(text + faults.list()))
                .policy(observe);
    }

    TaskOutcome apply(TaskStep step) {
        if (task != null) {
            StoredTask stored = TaskFormats.ALL.newest().write(task, policy, ++version);
            stored.parts().forEach(part -> store.put(part.name(), part.bytes()));
            task = Stored.read(stored.record(), store, null, policy, List.of(step));
        }
        StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), now);
        task = applied.next();
        return applied.outcomes().get(0);
    }

    static Operation operation(String id) {
        return new Operation(id, Effect.WRITE, false, false);
    }

    TaskStep.Call call(String operation, List<TokenAccount> chain) {
        return call(operation, JsonObject.EMPTY, chain);
    }

    private static TaskStep.Call call(String operation, JsonObject arguments, List<TokenAccount> chain) {
        return new TaskStep.Call(Tasks.unique("d"), chain, Tasks.proof(), List.of(pair(operation, arguments)), true, 0);
    }

    private static OperationCall pair(String operation, JsonObject arguments) {
        return new OperationCall(operation(operation), "r", arguments, false);
    }

    /** What the call asks, with another body a different thing. */
    static ApprovalQuestion asking(String operation, TokenId leaf, String body, Limit limit) {
        return asking(operation, JsonObject.EMPTY, leaf, body, limit);
    }

    private static ApprovalQuestion asking(
            String operation, JsonObject arguments, TokenId leaf, String body, Limit limit) {
        JsonObject members = new JsonObject(Map.of(
                "task",
                new JsonString("t-1"),
                "revision",
                new JsonString("r"),
                "operation",
                new JsonString(operation),
                "args_hash",
                new JsonString(Jcs.canonical(arguments)),
                "leaf",
                new JsonString(leaf.hash()),
                "body",
                new JsonString(body)));
        JsonMembers told = new JsonMembers();
        told.put("template", "t");
        told.put("members", members);
        AskedMoves.write(List.of(pair(operation, arguments)), told);
        return new ApprovalQuestion(Tasks.unique("a-"), members, END, Jcs.canonicalBytes(told.toJson()), limit);
    }

    /** The call, made as often as the gateway makes it. */
    TaskOutcome ask(String operation, String body) {
        return ask(operation, body, List.of(ROOT));
    }

    TaskOutcome ask(String operation, String body, List<TokenAccount> chain) {
        return ask(operation, body, JsonObject.EMPTY, chain);
    }

    TaskOutcome ask(String operation, String body, JsonObject arguments, List<TokenAccount> chain) {
        TaskStep.Call call = call(operation, arguments, chain);
        lastDecision = call.decision();
        decisions.put(operation, lastDecision);
        TaskOutcome first = apply(call);
        if (!(first instanceof TaskOutcome.Asks)) {
            return first;
        }
        TokenId leaf = chain.get(chain.size() - 1).id();
        TaskOutcome second = apply(call.asking(asking(operation, arguments, leaf, body, Limit.UNASKED)));
        return second instanceof TaskOutcome.Asks
                ? apply(call.asking(asking(operation, arguments, leaf, body, Limit.ADMITTED)))
                : second;
    }

    /** The decision of the last call of that operation. */
    String lastDecision(String operation) {
        return decisions.get(operation);
    }

    /** The decision of the call that was asked for last. */
    String lastDecision() {
        return lastDecision;
    }

    void settleLast(boolean happened) {
        apply(new TaskStep.Settle(lastDecision, happened));
    }

    TaskOutcome.Asked asked(String operation, String body) {
        return asked(operation, body, JsonObject.EMPTY);
    }

    TaskOutcome.Asked asked(String operation, String body, JsonObject arguments) {
        TaskOutcome outcome = ask(operation, body, arguments, List.of(ROOT));
        assertThat(outcome).isInstanceOf(TaskOutcome.Denied.class);
        TaskOutcome.Asked asked = ((TaskOutcome.Denied) outcome).asked();
        assertThat(asked).as("%s", outcome).isNotNull();
        return asked;
    }

    Decided decide(TaskOutcome.Asked asked, Human human, boolean approves) {
        return (Decided) apply(new TaskStep.Decide(
                asked.request().id(), human, approves, asked.request().digest()));
    }

    /** Approves all calls of the request's offer. */
    Decided offer(TaskOutcome.Asked asked, Human human) {
        Offer offer = asked.request().offer();
        assertThat(offer).isNotNull();
        return (Decided) apply(new TaskStep.Decide(asked.request().id(), human, true, offer.digest()));
    }

    /** A look at the request; its request is null if it has ended. */
    TaskOutcome.Inquired look(TaskOutcome.Asked asked) {
        return (TaskOutcome.Inquired) apply(new TaskStep.Inquire(asked.request().id(), List.of()));
    }

    static String code(TaskOutcome outcome) {
        return outcome instanceof TaskOutcome.Denied denied
                ? denied.denial().reason().code()
                : outcome.getClass().getSimpleName();
    }
}

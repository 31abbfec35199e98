package dev.errand.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.jose.ProofClaim;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.OperationCall;
import dev.errand.proof.Proofs.Read;
import dev.errand.proof.Search.Part;
import dev.errand.task.ApprovalQuestion;
import dev.errand.task.AskedMoves;
import dev.errand.task.Task;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskPolicy;
import dev.errand.task.TaskStep;
import dev.errand.task.TokenAccount;
import dev.errand.task.step.StepBatch;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The model and the step of live calls agree on every call of random runs: of the shipped templates, and of random
 * templates. {@code -Derrand.proof.runs=10000} plays that many runs of each shipped template, and 200 random templates.
 */
class ModelAgreementTest {
    private static final int RUNS = Integer.getInteger("errand.proof.runs", 300);
    private static final int TEMPLATES = RUNS >= 10_000 ? 200 : 40;
    private static final int RUNS_OF_RANDOM = RUNS >= 10_000 ? 500 : 60;
    private static final long NOW = 1_767_225_600_000L;
    private static final TokenId ROOT = new TokenId("root");

    @Test
    void shippedTemplates_agreeOnEachCall() {
        SplittableRandom random = new SplittableRandom(21);
        for (Read read : Proofs.shipped()) {
            play(read, random, RUNS);
        }
    }

    @Test
    void randomTemplates_agreeOnEachCall() {
        SplittableRandom random = new SplittableRandom(57);
        int permitted = 0;
        int loaded = 0;
        while (loaded < TEMPLATES) {
            Read read = Proofs.parse(text(random), Proofs.OPERATIONS, new Faults());
            if (read != null) {
                loaded++;
                permitted += play(read, random, RUNS_OF_RANDOM);
            }
        }
        assertThat(permitted).isGreaterThan(TEMPLATES * 10);
    }

    private static int play(Read read, SplittableRandom random, int runs) {
        World world = World.of(read.template(), read.lines(), read.operations(), Set.of())
                .list()
                .get(0);
        Model model = new Model(
                world,
                new Alphabet(world)
                        .letters().stream()
                                .filter(letter -> letter.others().isEmpty())
                                .toList());
        List<Letter> letters = new ArrayList<>();
        model.letters()
                .forEach(each -> letters.add(
                        new Letter(letters.size(), each.granted(), each.arguments(), each.others(), each.asked())));
        Model numbered = new Model(world, letters);
        List<Part> parts = new ArrayList<>();
        numbered.places().forEach(place -> {
            Part part = numbered.part(place, true);
            if (part != null) {
                parts.add(part);
            }
        });
        int permitted = 0;
        for (int i = 0; i < runs; i++) {
            permitted += new Played(read, letters, parts, random).run();
        }
        return permitted;
    }

    /** One run. */
    private static final class Played {
        private final Read read;
        private final List<Letter> letters;
        private final List<Part> parts;
        private final SplittableRandom random;
        private final TaskPolicy policy;
        private final int[] states;
        private final List<String> told = new ArrayList<>();
        private @Nullable Task task;
        private int calls;
        private int asked;

        Played(Read read, List<Letter> letters, List<Part> parts, SplittableRandom random) {
            this.read = read;
            this.letters = letters;
            this.parts = parts;
            this.random = random;
            this.states = new int[parts.size()];
            this.policy = withoutBuckets(read.template().enforced());
        }

        private static TaskPolicy withoutBuckets(TaskPolicy p) {
            return new TaskPolicy(
                    p.template(),
                    p.revision(),
                    List.of(),
                    Map.of(),
                    p.calls(),
                    p.sequence(),
                    new TaskPolicy.Reactions(
                            deny(p.reactions().sequence()),
                            deny(p.reactions().rule()),
                            TaskPolicy.Reaction.DENY,
                            TaskPolicy.Reaction.DENY,
                            null,
                            deny(p.reactions().flow()),
                            Map.of()),
                    p.cut(),
                    p.flow(),
                    false,
                    p.ask(),
                    p.fixed(),
                    null,
                    p.narrower());
        }

        private static TaskPolicy.Reaction deny(TaskPolicy.Reaction reaction) {
            return reaction == TaskPolicy.Reaction.ASK ? reaction : TaskPolicy.Reaction.DENY;
        }

        int run() {
            apply(new TaskStep.Start(ROOT, NOW + read.template().lifetime().toMillis()));
            for (int i = 0; i < 14; i++) {
                call(letters.get(random.nextInt(letters.size())), "d" + i);
            }
            return calls;
        }

        private void call(Letter letter, String decision) {
            boolean ask = letter.asked();
            boolean fits = policy.calls() == null || calls < policy.calls();
            for (int i = 0; i < states.length; i++) {
                if (parts.get(i).component().objects(states[i], letter)) {
                    ask |= parts.get(i).asks();
                    fits &= parts.get(i).asks();
                }
            }
            boolean human = asked < 4 && random.nextInt(3) == 0;
            List<OperationCall> pairs = List.of(new OperationCall(
                    letter.granted().operation(),
                    Objects.requireNonNullElse(letter.arguments().string("resource"), ""),
                    letter.arguments(),
                    false));
            TaskStep.Call step = new TaskStep.Call(
                            decision,
                            List.of(new TokenAccount(ROOT, null, null, List.of())),
                            ProofClaim.NONE,
                            pairs,
                            true,
                            0)
                    .asking(asking(letter, decision, pairs));
            TaskOutcome outcome = apply(step);
            String expected = !fits ? "denied" : ask ? "asks" : "permitted";
            told.add(letter.operation() + letter.arguments().members() + " " + expected);
            assertThat(word(outcome)).as("%s%n%s", read.template().text(), told).isEqualTo(expected);
            if (fits && ask && human && outcome instanceof TaskOutcome.Denied denied) {
                asked++;
                var request = Objects.requireNonNull(denied.asked()).request();
                told.add(String.valueOf(
                        apply(new TaskStep.Decide(request.id(), new Human("i", "s"), true, request.digest()))));
                assertThat(word(apply(step))).as("%s approved", told).isEqualTo("permitted");
            } else if (!fits || ask) {
                return;
            }
            calls++;
            Outcome became = Outcome.values()[random.nextInt(10) < 6 ? 0 : random.nextInt(3)];
            told.add(became.name());
            apply(
                    became == Outcome.UNANSWERED
                            ? new TaskStep.Unanswered(decision, true)
                            : new TaskStep.Settle(decision, became == Outcome.HAPPENED));
            for (int i = 0; i < states.length; i++) {
                states[i] = parts.get(i).component().next(states[i], letter, became);
            }
        }

        private static String word(TaskOutcome outcome) {
            return outcome instanceof TaskOutcome.Permitted
                    ? "permitted"
                    : outcome instanceof TaskOutcome.Denied denied && denied.asked() != null ? "asks" : "denied";
        }

        private static ApprovalQuestion asking(Letter letter, String decision, List<OperationCall> pairs) {
            Map<String, JsonValue> members = Map.of(
                    "task", new JsonString("t"),
                    "operation", new JsonString(letter.operation()),
                    "args_hash", new JsonString(letter.arguments().toString()),
                    "body", JsonNull.NULL,
                    "leaf", new JsonString(decision));
            JsonMembers told = new JsonMembers().put("members", new JsonObject(members));
            AskedMoves.write(pairs, told);
            return new ApprovalQuestion(
                    "r" + decision,
                    new JsonObject(members),
                    NOW + 600_000,
                    Jcs.canonicalBytes(told.toJson()),
                    ApprovalQuestion.Limit.ADMITTED);
        }

        private TaskOutcome apply(TaskStep step) {
            StepBatch.Applied applied = StepBatch.apply(policy, task, List.of(step), NOW);
            task = applied.next();
            return applied.outcomes().get(0);
        }
    }

    private static final List<String> OPERATIONS = List.of("t:read", "t:write", "t:pay", "t:delete", "t:look");

    private static String text(SplittableRandom random) {
        boolean asks = random.nextInt(3) == 0;
        StringBuilder text = new StringBuilder("""
                allow:
                  t:read: {resource: {one_of: [x, y]}}
                  t:write: {resource: {one_of: [x, y]}, n: {one_of: [1, 2], optional: true}}
                  t:pay: {resource: {exact: x}, amount: {one_of: [1, 3]}, invoice: {one_of: [i, j], optional: true}}
                  t:delete: {resource: {one_of: [x, y]}%s}
                  t:look: {resource: {exact: y}}
                limits: {calls: %d}
                flow: %s
                """.formatted(
                        asks && random.nextBoolean() ? ", ask: always" : "",
                        6 + random.nextInt(8),
                        random.nextBoolean() ? "enforce" : "off"));
        if (asks) {
            text.append("ask: {by: {claim: g, any: [a], clients: [c]}, pending: 16}\non-violation: {")
                    .append(random.nextBoolean() ? "sequence: ask, " : "")
                    .append("rule: ask}\n");
        }
        if (random.nextInt(4) != 0) {
            text.append("sequence:\n");
            for (int i = 0; i <= random.nextInt(4); i++) {
                text.append("  - ").append(step(random, 0)).append('\n');
            }
        }
        text.append("rules:\n");
        for (int i = 0; i <= random.nextInt(4); i++) {
            text.append("  - {").append(rule(random)).append("}\n");
        }
        return text.toString();
    }

    private static String step(SplittableRandom random, int depth) {
        String operation = OPERATIONS.get(random.nextInt(4));
        return switch (random.nextInt(depth < 1 ? 6 : 3)) {
            case 0 -> "{" + operation + ": 1..3}";
            case 1 -> operation.equals("t:look") ? operation : "{" + operation + ": {times: 1..*, same: [resource]}}";
            case 2 -> "{" + operation + ": {times: 1, outcome: sent, same: [resource]}}";
            case 3 -> "{any: [" + step(random, 1) + ", t:look]}";
            case 4 -> "{repeat: [" + step(random, 1) + ", t:look], times: 1..2}";
            default -> "t:read";
        };
    }

    private static String rule(SplittableRandom random) {
        String one = OPERATIONS.get(random.nextInt(5));
        String other = OPERATIONS.get((OPERATIONS.indexOf(one) + 1 + random.nextInt(4)) % 5);
        String within = random.nextInt(3) == 0 ? ", within: 1m" : "";
        String same = random.nextBoolean() ? ", same: [resource]" : "";
        return switch (random.nextInt(7)) {
            case 0 -> "precedence: \"" + one + "\", before: \"" + other + "\"" + within + same;
            case 1 -> "precedence: \"" + one + "\", before: \"" + other + "\", once: true" + within + same;
            case 2 ->
                "absence: \"" + one + "\", after: \"" + other + "\", when: "
                        + List.of("sent", "happened", "failed").get(random.nextInt(3)) + within + same;
            case 3 -> "bounded: \"" + one + "\", at-most: " + (1 + random.nextInt(3)) + within + same;
            case 4 -> "sum: \"t:pay\", of: amount, at-most: " + (3 + random.nextInt(5)) + same;
            case 5 -> "distinct: \"" + one + "\", of: resource, at-most: 1" + within;
            default -> "previous: \"" + one + "\", before: \"" + other + "\"" + same;
        };
    }
}

package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.sequence.NaiveMonitor.Call;
import dev.errand.sequence.NaiveMonitor.Pair;
import dev.errand.sequence.NaiveMonitor.Rule;
import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.sequence.rule.AnswerValues;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Random sets of rules on random walks beside {@link NaiveMonitor}: upstreams that fail or never answer, calls in flight, calls that
 * are given back, calls of several operations, two replicas, and reloads of the template. {@code -Derrand.rules.sets=500} tries more.
 */
class RuleSetsTest {
    private static final int SETS = Integer.getInteger("errand.rules.sets", 100);
    private static final int WALKS = 50;
    private static final int STEPS = 16;
    private static final long NOW = 1_795_512_000_000L;
    private static final List<String> OPERATIONS = List.of("a", "b", "c", "x");
    private static final List<String> KINDS = List.of(
            "precedence",
            "precedence",
            "absence-sent",
            "absence-happened",
            "absence-failed",
            "bounded",
            "sum",
            "distinct",
            "previous");

    @Test
    void take_randomRuleSets_agreeWithTheNaiveMonitor() {
        Map<String, int[]> seen = new TreeMap<>();
        for (int set = Integer.getInteger("errand.rules.from", 0); set < SETS; set++) {
            Random random = new Random(set);
            List<Rule> rules = rules(random);
            String yaml = yaml(rules);
            SequencePolicy[] replicas = {policy(yaml), policy(yaml)};
            for (int walk = 0; walk < WALKS; walk++) {
                walk(replicas, rules, random, seen, "set " + set + " walk " + walk + ": " + yaml);
                if (walk % 25 == 24) {
                    replicas[walk % 2] = policy(yaml);
                }
            }
        }
        seen.forEach((kind, verdicts) -> assertThat(verdicts).as(kind).doesNotContain(0));
    }

    private static List<Rule> rules(Random random) {
        List<Rule> rules = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            String kind = KINDS.get(random.nextInt(KINDS.size()));
            String a = OPERATIONS.get(random.nextInt(3));
            String b = a;
            while (b.equals(a)) {
                b = OPERATIONS.get(random.nextInt(3));
            }
            long within = random.nextBoolean() ? -1 : new long[] {5_000, 20_000, 70_000}[random.nextInt(3)];
            boolean windowed = !kind.equals("previous");
            rules.add(new Rule(
                    kind,
                    a,
                    b,
                    kind.equals("sum") ? 10 + random.nextInt(20) : 1 + random.nextInt(3),
                    windowed ? within : -1,
                    random.nextBoolean(),
                    "",
                    kind.equals("precedence") && random.nextBoolean(),
                    i));
        }
        return rules;
    }

    private static String yaml(List<Rule> rules) {
        StringBuilder yaml = new StringBuilder("rules:\n");
        for (Rule rule : rules) {
            yaml.append("  - {")
                    .append(
                            switch (rule.kind()) {
                                case "precedence" ->
                                    "precedence: " + rule.a() + ", before: " + rule.b()
                                            + (rule.once() ? ", once: true" : "");
                                case "bounded" -> "bounded: " + rule.a() + ", at-most: " + rule.most();
                                case "sum" -> "sum: " + rule.a() + ", of: amount, at-most: " + rule.most();
                                case "distinct" -> "distinct: " + rule.a() + ", of: amount, at-most: " + rule.most();
                                case "previous" -> "previous: " + rule.a() + ", before: " + rule.b();
                                default ->
                                    "absence: " + rule.b() + ", after: " + rule.a() + ", when: "
                                            + rule.kind().substring("absence-".length());
                            })
                    .append(rule.within() < 0 ? "" : ", within: " + rule.within() + "ms")
                    .append(rule.same() ? ", same: [resource]}\n" : "}\n");
        }
        return yaml.toString();
    }

    private static void walk(
            SequencePolicy[] replicas, List<Rule> rules, Random random, Map<String, int[]> seen, String description) {
        NaiveMonitor naive = new NaiveMonitor(rules);
        SequenceState state = replicas[0].start();
        long now = NOW;
        for (int step = 0; step < STEPS; step++) {
            SequencePolicy policy = replicas[random.nextInt(2)];
            state = policy.read(replicas[0].write(state));
            now += 1 + (random.nextInt(5) == 0 ? random.nextInt(40_000) : random.nextInt(3) * 1_000L);
            List<Call> open = naive.open(now);
            if (!open.isEmpty() && (open.size() >= 5 || random.nextInt(2) == 0)) {
                Call call = open.get(random.nextInt(open.size()));
                state = end(policy, naive, call, state, random.nextInt(7), random.nextInt(3) > 0, now);
                continue;
            }
            List<Pair> pairs = pairs(random);
            int expected = naive.judge(pairs, now);
            String id = "d" + step;
            SequencePolicy.Judged judged = policy.judge(state, moves(pairs), AnswerValues.NONE, id, now);
            Verdict verdict = take(policy, state, moves(pairs), id, now);
            int answered = verdict instanceof Verdict.Refused no
                    ? switch (no.objection().kind()) {
                        case RULE -> NaiveMonitor.NEVER;
                        case UNKNOWN_RULE -> NaiveMonitor.UNKNOWN;
                        case PENDING_RULE -> NaiveMonitor.WAITS;
                        default -> throw new AssertionError(no);
                    }
                    : NaiveMonitor.FITS;
            assertThat(answered)
                    .as("%s step %d at %d %s %s\nbehind %s", description, step, now, pairs, verdict, naive.history)
                    .isEqualTo(expected);
            if (answered == NaiveMonitor.UNKNOWN) {
                decides(((Verdict.Refused) verdict).objection().unknown(), naive, pairs, now, description);
            }
            if (rules.size() == 1) {
                String kind = rules.get(0).kind() + (rules.get(0).once() ? " once" : "");
                boolean canWait = kind.startsWith("precedence")
                        || kind.equals("previous")
                        || kind.equals("absence-happened")
                        || kind.equals("absence-failed");
                int[] counts = seen.computeIfAbsent(kind, each -> new int[] {0, canWait ? 0 : 1, canWait ? 0 : 1, 0});
                counts[answered]++;
            }
            // People may let a call pass that depends on an unknown outcome.
            if (answered == NaiveMonitor.FITS || (answered == NaiveMonitor.UNKNOWN && random.nextBoolean())) {
                state = judged.next();
                naive.send(new Call(id, pairs, now), pairs, now);
                if (pairs.stream().allMatch(Pair::dryRun)) {
                    naive.history.remove(naive.history.size() - 1);
                }
            }
        }
    }

    /** Once it is known of the named calls, however they came out, no unknown outcome decides any more. */
    private static void decides(
            List<String> named, NaiveMonitor naive, List<Pair> pairs, long now, String description) {
        List<Call> calls =
                naive.history.stream().filter(call -> named.contains(call.id)).toList();
        assertThat(calls).as(description).hasSize(named.size()).isNotEmpty();
        assertThat(calls).extracting(call -> call.outcome).containsOnly('u');
        if (naive.rules.size() == 1) {
            for (int bits = 0; bits < 1 << calls.size(); bits++) {
                Map<Call, Boolean> known = new HashMap<>();
                for (int i = 0; i < calls.size(); i++) {
                    known.put(calls.get(i), (bits & 1 << i) != 0);
                }
                assertThat(naive.judge(naive.rules.get(0), pairs, now, known))
                        .as(description)
                        .isNotEqualTo(NaiveMonitor.UNKNOWN);
            }
        }
    }

    private static SequenceState end(
            SequencePolicy policy,
            NaiveMonitor naive,
            Call call,
            SequenceState state,
            int how,
            boolean happened,
            long now) {
        if (call.outcome == 'u' && how < 5) {
            naive.know(call, happened);
            Settlement told = policy.know(state, call.id, happened, now);
            // What no rule depends on may be forgotten; the model forgets nothing.
            assertThat(told.verdict()).isIn(Settlement.Verdict.SETTLED, Settlement.Verdict.NO_SUCH);
            return told.next();
        }
        if (call.outcome == '?' && how == 0) {
            naive.giveBack(call);
            return policy.giveBack(policy.giveBack(state, call.id, now), call.id, now);
        }
        if (call.outcome == '?' && how < 3) {
            naive.unanswered(call, now);
            return policy.unanswered(policy.unanswered(state, call.id, false, now), call.id, true, now);
        }
        if (call.outcome == 'u') {
            naive.know(call, happened);
        } else {
            naive.settle(call, happened, now);
        }
        SequenceState settled = policy.settle(state, call.id, happened, now);
        return policy.giveBack(policy.settle(settled, call.id, !happened, now), call.id, now);
    }

    private static List<Pair> pairs(Random random) {
        List<Pair> pairs = new ArrayList<>();
        int count = random.nextInt(4) == 0 ? 1 + random.nextInt(3) : 1;
        for (int i = 0; i < count; i++) {
            pairs.add(new Pair(
                    OPERATIONS.get(random.nextInt(OPERATIONS.size())),
                    random.nextInt(8) == 0 ? null : "r" + random.nextInt(2),
                    random.nextInt(12) == 0 ? null : (long) (random.nextInt(4) * 3),
                    random.nextInt(10) == 0,
                    random.nextInt(3) == 0));
        }
        return pairs;
    }

    private static List<Move> moves(List<Pair> pairs) {
        return pairs.stream()
                .map(pair -> {
                    Map<String, JsonValue> arguments = new TreeMap<>();
                    if (pair.resource() != null) {
                        arguments.put("resource", new JsonString(pair.resource()));
                    }
                    if (pair.amount() != null) {
                        arguments.put("amount", JsonNumber.of(pair.amount()));
                    }
                    return new Move(
                            pair.operation(),
                            new JsonObject(arguments),
                            pair.dryRun(),
                            name -> false,
                            pair.changes() ? Move.Kind.CHANGES : Move.Kind.READS);
                })
                .toList();
    }
}

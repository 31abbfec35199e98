package dev.errand.offline.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.denial.DenyReason;
import dev.errand.offline.replay.Recorded;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RefusedCalls;
import dev.errand.offline.replay.Replay;
import dev.errand.sequence.Automaton;
import dev.errand.sequence.CompiledSequence;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanLearnerTest {
    private static final Replay REPLAY = new Replay(new Policies("", Map.of(), Map.of()), false);

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        a b c              | a, b, c                                      |
        a a b; a b; aaab   | {a: "1..3"}, b                               |
        abab c; ab c       | {repeat: [a, b], times: "1..2"}, c           |
        a b c; b a c       | {all: [a, b]}, c                             |
        a b d; a c d       | a, {any: [b, c]}, d                          |
        a c; a b c         | a, {b: "?"}, c                               |
        a; a b; a b c      | a, b, c                                      |
        xabc; axbxc; abxc; abcx | a, b, c                                  | [x]
        """)
    void learn_smallRuns_plan(String runs, String steps, String interleave) {
        Set<List<String>> words = new HashSet<>();
        Arrays.stream(runs.split(";"))
                .forEach(run -> words.add(List.of(run.replace(" ", "").split(""))));

        LearnedPlan plan = PlanLearner.learn(new Traces(words, Set.of()), Set.of());

        assertThat(String.join(
                        ", ", plan.steps().stream().map(LearnedStep::toYaml).toList()))
                .isEqualTo(steps);
        assertThat(plan.interleave().toString()).isEqualTo(interleave == null ? "[]" : interleave);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Every run reads (r) before it comments (c): the order stays, whatever the number of reads.
                "rc;rc | {r: \"1..*\"}, c",
                "rrc;rc | {r: \"1..*\"}, c",
                // It is read afterwards, or not always: no order that all runs have.
                "cr | c",
                "rc;c | c",
                "rc;cr | c"
            })
    void ordered_keepsWhatAllRunsReadBeforeAChange(String runs, String steps) {
        Set<List<String>> words = new HashSet<>();
        Arrays.stream(runs.split(";")).forEach(run -> words.add(List.of(run.split(""))));
        LearnedPlan plan = PlanLearner.ordered(new Traces(words, Set.of()), Set.of("r"));
        assertThat(String.join(
                        ", ", plan.steps().stream().map(LearnedStep::toYaml).toList()))
                .isEqualTo(steps);
        assertThat(plan.orders()).isEqualTo(steps.contains(","));
    }

    /** Every run of a random plan passes under what was learnt from some runs of it, failures and races included. */
    private static Proposal draft(List<RecordedTask> tasks) {
        Draft draft = new Draft("t", tasks, null);
        TemplateText text = draft.text();
        draft.limits(text, true);
        draft.sequence(text, false);
        return Proposal.first(
                        List.of(new Proposal.Candidate("", text::toString)), new TemplateParser(), null, REPLAY, tasks)
                .orElseThrow();
    }

    @Test
    void of_walksOfRandomPlans_draftPermitsEveryWalk() {
        int drafts = 0;
        int planned = 0;
        for (long seed = 0; drafts < 300; seed++) {
            Random random = new Random(seed);
            Optional<Template> source = new TemplateParser().parse(source(random));
            if (source.isEmpty()) {
                continue;
            }
            Automaton automaton = ((CompiledSequence) source.get().enforced().sequence())
                    .automaton()
                    .orElseThrow();
            Recorded log = new Recorded("r");
            for (int walk = 0; walk < 1 + random.nextInt(8); walk++) {
                walk(log, "t-" + walk, automaton, random);
            }
            List<RecordedTask> tasks = log.tasks();
            if (tasks.isEmpty()) {
                continue;
            }
            drafts++;

            Proposal draft = draft(tasks);

            assertThat(draft.refused().isEmpty())
                    .as("seed %d%n%s", seed, draft.text())
                    .isTrue();
            assertThat(draft.widened()).as("seed %d%n%s", seed, draft.text()).isEmpty();
            planned += draft.text().contains("sequence:") ? 1 : 0;
        }
        assertThat(planned).isGreaterThan(200);
    }

    @Test
    void of_order_thatNoRunHad_isRefusedByTheDraft() {
        List<RecordedTask> runs = new Recorded("r")
                .call("t-1", "c:a", "x", 200)
                .call("t-1", "c:b", "x", 200)
                .call("t-2", "c:a", "x", 200)
                .call("t-2", "c:a", "x", 200)
                .call("t-2", "c:b", "x", 200)
                .tasks();
        Proposal draft = draft(runs);

        List<RecordedTask> other = new Recorded("r")
                .call("t-3", "c:b", "x", 200)
                .call("t-3", "c:a", "x", 200)
                .tasks();

        assertThat(REPLAY.refused(other, draft.template()).first().get(0).code())
                .isEqualTo("sequence-violation");
        assertThat(draft.text()).contains("{c:a: \"1..2\"}", "calls: 3  # task t-2 used as many", "in 2 of 2 runs");
    }

    @Test
    void refusedCalls_ofALongLog_areCountedAllAndKeptInPart() {
        Proposal draft = draft(new Recorded("r").call("t-1", "c:a", "x", 200).tasks());
        Recorded other = new Recorded("r");
        for (int i = 0; i < 2 * RefusedCalls.MOST; i++) {
            other.call("t-" + (2 + i), "c:b", "x", 200);
        }

        RefusedCalls refused = REPLAY.refused(other.tasks(), draft.template());

        assertThat(refused.count()).isEqualTo(2 * RefusedCalls.MOST);
        assertThat(refused.first()).hasSize(RefusedCalls.MOST);
        assertThat(refused.first().get(0).recorded().decision())
                .isEqualTo(other.tasks().get(0).permitted().get(0).decision());
    }

    @Test
    void capacity_isTheSmallestThatHoldsThePeak() {
        Recorded log = new Recorded("r");
        for (int i = 0; i < 7; i++) {
            log.call("t-1", "c:a", "x", 200);
        }
        log.after(20_000).call("t-1", "c:a", "x", 200).denied("t-1", "c:a", "x", DenyReason.NOT_GRANTED, "6b");

        assertThat(PeakUsage.capacity(log.tasks(), null, java.time.Duration.ofSeconds(10))
                        .amount())
                .isEqualTo(7);
        assertThat(PeakUsage.calls(log.tasks()).amount()).isEqualTo(8);
    }

    /** A run of the automaton: some calls fail, some are made while others are unanswered. */
    private static void walk(Recorded log, String task, Automaton automaton, Random random) {
        int state = 0;
        for (int step = random.nextInt(12); step > 0; step--) {
            int edges = automaton.endEdge(state) - automaton.firstEdge(state);
            if (edges == 0) {
                return;
            }
            int edge = automaton.firstEdge(state) + random.nextInt(edges);
            String operation = automaton.operation(edge);
            if (random.nextInt(6) == 0) {
                log.call(task, operation, "x", 500);
            } else if (random.nextInt(6) == 0) {
                String first = log.decide(task, operation, "x", Map.of(), true, null, null, 0);
                int next = automaton.edge(automaton.target(edge), automaton.symbol(edge));
                boolean twice = next != Automaton.NONE;
                String second = twice ? log.decide(task, operation, "x", Map.of(), true, null, null, 0) : null;
                log.outcome(first, 200);
                state = automaton.target(edge);
                if (second != null) {
                    log.outcome(second, 200);
                    state = automaton.target(next);
                }
            } else {
                log.call(task, operation, "x", 200);
                state = automaton.target(edge);
            }
        }
    }

    private static String source(Random random) {
        return """
            template: t
            agents: ["spiffe://example.org/agent/*"]
            humans: {issuer: "https://idp.example.org"}
            allow: {c:a: {}, c:b: {}, c:c: {}, c:d: {}}
            sequence: [%s]
            """.formatted(String.join(", ", steps(random, 2)));
    }

    private static List<String> steps(Random random, int depth) {
        List<String> steps = new ArrayList<>();
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            int min = random.nextInt(2);
            String times = "\"" + min + ".."
                    + (random.nextInt(4) == 0 ? "*" : String.valueOf(min + 1 + random.nextInt(3))) + "\"";
            String inner = depth == 0 ? "" : String.join(", ", steps(random, depth - 1));
            steps.add(
                    switch (depth == 0 ? 9 : random.nextInt(8)) {
                        case 0 -> "{any: [" + inner + "]}";
                        case 1 -> "{all: [" + inner + "]}";
                        case 2 -> "{repeat: [" + inner + "], times: " + times + "}";
                        default ->
                            "{c:" + (char) ('a' + random.nextInt(4)) + ": " + (random.nextBoolean() ? "1" : times)
                                    + "}";
                    });
        }
        return steps;
    }
}

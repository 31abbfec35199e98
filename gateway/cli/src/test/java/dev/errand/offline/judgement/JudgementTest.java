package dev.errand.offline.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.offline.audit.ScopeAudit;
import dev.errand.offline.judgement.Bench.Counts;
import dev.errand.offline.judgement.Corpus.Injection;
import dev.errand.offline.judgement.Corpus.Run;
import dev.errand.offline.learn.LearnedTemplate;
import dev.errand.offline.replay.RecordedTasks;
import dev.errand.offline.replay.Replay;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What policies reach on the generated corpus: good runs of six tasks, held out by fifths, and runs with a write that no human
 * wanted. {@code load-tests/judgement} prints the table; {@code -Djudgement.runs} and {@code -Djudgement.seed} choose others.
 */
class JudgementTest {
    private static final int RUNS = Integer.getInteger("judgement.runs", 360);
    private static final long SEED = Long.getLong("judgement.seed", 1);
    private static final int PARTS = 5;

    private static final Map<String, Row> ROWS = new LinkedHashMap<>();
    private static final List<CandidateRow> CANDIDATES = new ArrayList<>();
    private static final Map<List<Run>, String> LEARNED = new HashMap<>();

    /** The figures of one policy. */
    private record Row(Counts good, Counts wrong, Map<Injection, Counts> injected) {
        Row() {
            this(new Counts(), new Counts(), new EnumMap<>(Injection.class));
            for (Injection kind : Injection.values()) {
                injected.put(kind, new Counts());
            }
        }

        int passedBad() {
            return wrong.passed
                    + injected.values().stream()
                            .mapToInt(counts -> counts.passed)
                            .sum();
        }
    }

    @BeforeAll
    static void judge() throws IOException {
        Corpus corpus = new Corpus(SEED);
        List<Run> good = corpus.good(RUNS);
        List<Run> wrong = corpus.wrong(RUNS / 3);
        Map<Injection, List<Run>> injected = new EnumMap<>(Injection.class);
        for (Injection kind : Injection.values()) {
            injected.put(kind, corpus.injected(RUNS / 3, kind));
        }
        Map<String, BiFunction<String, List<Run>, Template>> policies = new LinkedHashMap<>();
        policies.put("granted", (task, runs) -> Desk.template(Desk.wide(task)));
        policies.put(
                "learned, nothing pinned",
                (task, runs) -> Desk.template(learned(task, runs).replace("pinned: true", "wildcard: true")));
        policies.put("learned, pinned as proposed", (task, runs) -> Desk.template(learned(task, runs)));
        policies.put("intent pinned at start", (task, runs) -> Desk.template(Desk.pinned(task)));
        policies.forEach((name, policy) -> {
            Row row = new Row();
            for (int part = 0; part < PARTS; part++) {
                judge(row, policy, part, good, wrong, injected);
            }
            ROWS.put(name, row);
        });
        CANDIDATES.add(CandidateRow.of("learn --candidate", good, PARTS, JudgementTest::learned));
        CANDIDATES.add(CandidateRow.of("audit scopes --proposal --candidate", good, PARTS, JudgementTest::audited));
        String table = table();
        Path file = Path.of("target", "judgement.txt");
        Files.createDirectories(file.getParent());
        Files.writeString(file, table);
    }

    private static void judge(
            Row row,
            BiFunction<String, List<Run>, Template> policy,
            int part,
            List<Run> good,
            List<Run> wrong,
            Map<Injection, List<Run>> injected) {
        for (String task : Corpus.TASKS) {
            List<Run> own = of(task, good);
            List<Run> taught = new ArrayList<>();
            for (int i = 0; i < own.size(); i++) {
                if (i % PARTS != part) {
                    taught.add(own.get(i));
                }
            }
            Template template = policy.apply(task, taught);
            part(own, part).forEach(run -> row.good.good(template, run));
            part(of(task, wrong), part).forEach(run -> row.wrong.bad(template, run));
            injected.forEach((kind, runs) -> part(of(task, runs), part)
                    .forEach(run -> row.injected.get(kind).bad(template, run)));
        }
    }

    private static List<Run> of(String task, List<Run> runs) {
        return runs.stream().filter(run -> run.task().equals(task)).toList();
    }

    private static List<Run> part(List<Run> runs, int part) {
        List<Run> some = new ArrayList<>();
        for (int i = part; i < runs.size(); i += PARTS) {
            some.add(runs.get(i));
        }
        return some;
    }

    static LearnedTemplate.Learnt learn(String task, List<Run> runs) {
        Template wide = Desk.template(Desk.wide(task));
        RecordedTasks tasks = RunLog.of(runs, wide.revision());
        return new LearnedTemplate(
                        task,
                        tasks,
                        wide,
                        new Replay(Desk.policies(wide), false),
                        new TemplateParser(),
                        LearnedTemplate.HEADROOM,
                        1)
                .learn()
                .orElseThrow();
    }

    /** Three policies are learnt from the same runs. */
    private static String learned(String task, List<Run> runs) {
        return LEARNED.computeIfAbsent(
                runs, taught -> learn(task, taught).proposal().text());
    }

    private static String audited(String task, List<Run> runs) {
        Template wide = Desk.template(Desk.wide(task));
        return Objects.requireNonNull(ScopeAudit.of(
                                task,
                                RunLog.of(runs, wide.revision()),
                                wide,
                                new Replay(Desk.policies(wide), false),
                                new TemplateParser(),
                                true)
                        .proposal())
                .text();
    }

    private static String table() {
        StringBuilder table =
                new StringBuilder(("%d good runs of %d tasks held out by fifths, %d with a wrong write, %d with an"
                                + " injected one; seed %d%n%n")
                        .formatted(RUNS, Corpus.TASKS.size(), RUNS / 3, RUNS / 3 * Injection.values().length, SEED));
        table.append("%-30s %10s %8s %10s".formatted("policy", "disturbed", "asked", "wrong"));
        for (Injection kind : Injection.values()) {
            table.append(" %12s"
                    .formatted(kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')));
        }
        table.append("\n%-30s %10s %8s %10s%n".formatted("", "good runs", "in good", "passed"));
        ROWS.forEach((name, row) -> {
            table.append("%-30s %4d %4.1f%% %8d %10s"
                    .formatted(
                            name,
                            row.good.disturbed(),
                            100.0 * row.good.disturbed() / Math.max(1, row.good.runs),
                            row.good.asked,
                            told(row.wrong)));
            row.injected.values().forEach(counts -> table.append(" %12s".formatted(told(counts))));
            table.append('\n');
        });
        table.append("\npassed of runs; (n?) is how many a human was asked about instead\n\n")
                .append(CandidateRow.HEAD);
        CANDIDATES.forEach(row -> table.append(row.line()));
        return table.append("\ngood runs with a call that the candidate would have refused\n")
                .toString();
    }

    private static String told(Counts counts) {
        return counts.passed + "/" + counts.runs + (counts.asked == 0 ? "" : " (" + counts.asked + "?)");
    }

    @Test
    void corpus_isLargeEnough_andTheSameEveryTime() {
        assertThat(new Corpus(7).good(60)).isEqualTo(new Corpus(7).good(60)).isNotEqualTo(new Corpus(8).good(60));
        assertThat(RUNS).isGreaterThanOrEqualTo(300);
    }

    @Test
    void intentPinnedAtStart_refusesEveryWrite_andDisturbsFew() {
        Row row = ROWS.get("intent pinned at start");

        assertThat(row.passedBad()).as("%s", table()).isZero();
        assertThat(row.good.disturbed() * 100.0 / row.good.runs).isLessThanOrEqualTo(2.0);
        assertThat(row.good.asked).as("questions to a human").isPositive();
    }

    @Test
    void learned_stopsSome_andDisturbsFew() {
        Row granted = ROWS.get("granted");
        Row learned = ROWS.get("learned, nothing pinned");
        Row proposed = ROWS.get("learned, pinned as proposed");

        assertThat(granted.passedBad()).isEqualTo(RUNS / 3 * 6);
        assertThat(learned.passedBad()).as("%s", table()).isLessThan(granted.passedBad());
        assertThat(proposed.passedBad()).isLessThan(learned.passedBad());
        assertThat(learned.good.disturbed() * 100.0 / learned.good.runs).isLessThanOrEqualTo(3.0);
    }

    @Test
    void candidates_disturbNoneOfTheirOwnRuns_andFewOfOthers() {
        assertThat(CANDIDATES).hasSize(2).allSatisfy(row -> {
            assertThat(row.own()).as(row.line()).isZero();
            assertThat(row.heldShare()).as(row.line()).isLessThanOrEqualTo(3.0);
        });
    }

    /** What is learnt disturbs none of the runs that it was learnt from. */
    @Test
    void learned_permitsWhatItWasLearntFrom() {
        for (String task : Corpus.TASKS) {
            List<Run> runs = of(task, new Corpus(SEED).good(RUNS));
            LearnedTemplate.Learnt learnt = learn(task, runs);
            assertThat(learnt.proposal().refused().isEmpty()).as(task).isTrue();
            assertThat(learnt.proposal().widened()).as(task).isEmpty();
        }
    }
}

package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.fits;
import static dev.errand.sequence.SequencePolicies.move;
import static dev.errand.sequence.SequencePolicies.moves;
import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.refused;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.rule.Counts;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rules one by one, and on random histories beside a scan of the whole history. */
class RuleWalkTest {
    private static final long NOW = 1_795_512_000_000L;

    /** A call that was sent; {@code outcome} is '?' while it is unanswered. */
    private static final class Sent {
        final String id;
        final String operation;
        final String resource;
        final long atMillis;
        char outcome = '?';

        Sent(String id, String operation, String resource, long atMillis) {
            this.id = id;
            this.operation = operation;
            this.resource = resource;
            this.atMillis = atMillis;
        }
    }

    @Test
    void take_randomHistories_agreesWithScanOfTheHistory() {
        int[] seen = new int[3];
        for (long seed = 0; seed < 4_000; seed++) {
            Random random = new Random(seed);
            boolean same = random.nextBoolean();
            int kind = random.nextInt(4);
            String suffix = same ? ", same: [resource]}]" : "}]";
            SequencePolicy policy = policy(switch (kind) {
                        case 0 -> "rules: [{absence: a, after: b";
                        case 1 -> "rules: [{precedence: a, before: b";
                        case 2 -> "rules: [{bounded: a, at-most: 3";
                        default -> "rules: [{bounded: a, at-most: 3, within: 10s";
                    }
                    + suffix);
            walk(policy, kind, same, random, seen, "seed " + seed);
        }
        assertThat(seen).doesNotContain(0);
    }

    private static void walk(
            SequencePolicy policy, int kind, boolean same, Random random, int[] seen, String description) {
        List<Sent> history = new ArrayList<>();
        SequenceState state = policy.start();
        long now = NOW;
        for (int step = 0; step < 40; step++) {
            now += random.nextInt(4) * 1_000L;
            long at = now;
            List<Sent> open = history.stream()
                    .filter(sent -> sent.outcome == '?' && at - sent.atMillis < 60_000)
                    .toList();
            if (!open.isEmpty() && random.nextInt(3) == 0) {
                Sent sent = open.get(random.nextInt(open.size()));
                int end = random.nextInt(4);
                if (end == 0) {
                    state = policy.giveBack(policy.giveBack(state, sent.id, now), sent.id, now);
                    history.remove(sent);
                } else {
                    sent.outcome = end == 1 ? 'f' : 'h';
                    state = policy.settle(state, sent.id, end != 1, now);
                    state = policy.giveBack(state, sent.id, now);
                }
            } else {
                String operation = random.nextInt(3) == 0 ? "b" : "a";
                String resource = "r" + random.nextInt(2);
                int expected = scan(history, kind, same, operation, resource, now);
                Verdict verdict = take(policy, state, List.of(move(operation + '=' + resource)), "d" + step, now);
                int answered =
                        verdict instanceof Verdict.Refused no ? no.objection().kind() == Kind.RULE ? 2 : 1 : 0;
                assertThat(answered).as(description).isEqualTo(expected);
                seen[answered]++;
                if (verdict instanceof Verdict.Accepted yes) {
                    state = yes.next();
                    history.add(new Sent("d" + step, operation, resource, now));
                }
            }
            state = policy.read(policy.write(state));
        }
    }

    /** 0 fits, 1 waits, 2 never. */
    private static int scan(
            List<Sent> history, int kind, boolean same, String operation, String resource, long nowMillis) {
        List<Sent> like = history.stream()
                .filter(sent -> !same || sent.resource.equals(resource))
                .toList();
        long a = like.stream().filter(sent -> sent.operation.equals("a")).count();
        return switch (kind) {
            case 0 -> operation.equals("a") && like.stream().anyMatch(sent -> sent.operation.equals("b")) ? 2 : 0;
            case 1 -> {
                if (operation.equals("a")
                        || like.stream().anyMatch(sent -> sent.operation.equals("a") && sent.outcome == 'h')) {
                    yield 0;
                }
                yield like.stream()
                                .anyMatch(sent -> sent.operation.equals("a")
                                        && sent.outcome == '?'
                                        && nowMillis - sent.atMillis < 60_000)
                        ? 1
                        : 2;
            }
            case 2 -> operation.equals("a") && a >= 3 ? 2 : 0;
            default ->
                operation.equals("a")
                                && like.stream()
                                                .filter(sent -> sent.operation.equals("a")
                                                        && nowMillis - sent.atMillis <= 10_000)
                                                .count()
                                        >= 3
                        ? 2
                        : 0;
        };
    }

    @Test
    void take_absence_saysRuleAndTrace() {
        SequencePolicy policy = policy("rules:\n  - {absence: a, after: b}");
        SequenceState state = fits(take(policy, policy.start(), moves("b"), "b", NOW));
        assertThat(refused(take(policy, state, moves("a"), "a", NOW)))
                .isEqualTo(new Objection(
                        Kind.RULE,
                        "t.yaml:2",
                        "`a` may not be called once `b` was called (rule at t.yaml:2:5)",
                        List.of("b", "a"),
                        0,
                        Counts.NONE,
                        List.of()));
        assertThat(refused(take(policy, policy.start(), moves("b", "a"), "ba", NOW))
                        .kind())
                .isEqualTo(Kind.RULE);
    }

    @Test
    void take_boundedWindow_saysWhenTheNextIsPossible() {
        SequencePolicy policy = policy("rules: [{bounded: a, at-most: 2, within: 60s}]");
        SequenceState state = fits(take(policy, policy.start(), moves("a", "a"), "1", NOW));
        Objection objection = refused(take(policy, state, moves("a"), "2", NOW + 59_000));
        assertThat(objection.detail()).endsWith("; the next is possible in 2s");
        assertThat(objection.trace()).containsExactly("a", "a", "a");
        refused(take(policy, state, moves("a"), "2", NOW + 60_000));
        fits(take(policy, state, moves("a", "a"), "2", NOW + 60_001));
        assertThat(refused(take(policy, policy.start(), moves("a", "a", "a"), "3", NOW))
                        .kind())
                .isEqualTo(Kind.RULE);
    }

    @Test
    void take_observedRule_isReportedAndCounted() {
        SequencePolicy policy = policy("rules: [{bounded: a, at-most: 1, observe: true}, {bounded: a, at-most: 2}]");
        SequenceState state = fits(take(policy, policy.start(), moves("a"), "1", NOW));
        Verdict.Accepted second = (Verdict.Accepted) take(policy, state, moves("a"), "2", NOW);
        assertThat(second.observed()).extracting(Objection::kind).containsExactly(Kind.RULE);
        refused(take(policy, second.next(), moves("a"), "3", NOW));
    }

    @Test
    void take_planAndRuleObject_planAnswers() {
        SequencePolicy policy = policy("{sequence: [a, b], rules: [{precedence: a, before: b}]}");
        assertThat(refused(take(policy, policy.start(), moves("b"), "b", NOW)).kind())
                .isEqualTo(Kind.PLAN);
    }

    @Test
    void take_dryRun_isHeldToRulesAndCountsNothing() {
        SequencePolicy policy = policy("rules: [{bounded: a, at-most: 1}]");
        SequenceState state = fits(take(policy, policy.start(), moves("~a", "~a"), "dry", NOW));
        state = fits(take(policy, state, moves("a"), "1", NOW));
        refused(take(policy, state, moves("~a"), "dry", NOW));
    }

    @Test
    void take_moreValuesThanAreKept_waitsAndNeverInterrupts() {
        SequencePolicy policy = policy("rules: [{bounded: a, at-most: 1, same: [resource]}]");
        SequenceState state = policy.start();
        for (int i = 0; i < 4_096; i++) {
            state = fits(take(policy, state, moves("a=" + i), "d" + i, NOW));
        }
        assertThat(refused(take(policy, state, moves("a=more"), "more", NOW)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        assertThat(refused(take(policy, state, moves("a=7"), "more", NOW)).kind())
                .isEqualTo(Kind.RULE);
        // Nothing that only can be given back piles up.
        assertThat(policy.write(state).length).isLessThan(100_000);
    }
}

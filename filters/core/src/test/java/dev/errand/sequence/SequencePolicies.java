package dev.errand.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.config.Yaml;
import dev.errand.config.YamlMap;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.rule.AnswerValues;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Policies from template text, and calls by name. */
final class SequencePolicies {
    private SequencePolicies() {}

    static SequencePolicy policy(String yaml) {
        Faults faults = new Faults();
        SequencePolicy policy = policy(yaml, faults);
        assertThat(faults.list()).isEmpty();
        return Objects.requireNonNull(policy);
    }

    /** Every fault, one a line. */
    static String faults(String yaml) {
        Faults faults = new Faults();
        assertThat(policy(yaml, faults)).isNull();
        return faults.toString();
    }

    private static SequencePolicy policy(String yaml, Faults faults) {
        YamlMap map = (YamlMap) Objects.requireNonNull(Yaml.parse("t.yaml", yaml, faults), faults.toString());
        return SequenceParser.policy(map, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT, faults);
    }

    /** {@code op} reads, {@code !op} writes, {@code ^op} connects; {@code op=resource}; {@code ~op} is a dry run. */
    static Move move(String text) {
        boolean dryRun = text.startsWith("~");
        Move.Kind kind =
                text.startsWith("!") ? Move.Kind.CHANGES : text.startsWith("^") ? Move.Kind.CONNECTS : Move.Kind.READS;
        boolean prefixed = dryRun || kind != Move.Kind.READS;
        String[] parts = text.substring(prefixed ? 1 : 0).split("=", 2);
        return new Move(
                parts[0],
                parts.length == 1 ? JsonObject.EMPTY : new JsonObject(Map.of("resource", new JsonString(parts[1]))),
                dryRun,
                name -> false,
                kind);
    }

    static List<Move> moves(String... texts) {
        return List.of(texts).stream().map(SequencePolicies::move).toList();
    }

    /** Takes the places of one call, of all its operations or of none; for a task to which no values were returned. */
    static Verdict take(SequencePolicy policy, SequenceState state, List<Move> moves, String decision, long now) {
        return take(policy, state, moves, AnswerValues.NONE, decision, now);
    }

    /** Takes the places of one call: of all its operations, or of none. */
    static Verdict take(
            SequencePolicy policy,
            SequenceState state,
            List<Move> moves,
            AnswerValues answers,
            String decision,
            long now) {
        return verdict(policy.judge(state, moves, answers, decision, now));
    }

    /** Of several objections the gravest one is told. */
    static Verdict verdict(SequencePolicy.Judged judged) {
        Objection gravest = null;
        for (Objection each : judged.objections()) {
            boolean graver = gravest != null
                    && !gravest.kind().byPlan()
                    && !each.kind().byPlan()
                    && gravity(each.kind()) > gravity(gravest.kind());
            gravest = gravest == null || graver ? each : gravest;
        }
        return gravest == null
                ? new Verdict.Accepted(judged.next(), judged.observed(), judged.awaited())
                : new Verdict.Refused(gravest);
    }

    /** How little other calls' outcomes can change an objection: the higher, the less. */
    private static int gravity(Objection.Kind kind) {
        return kind.pending() ? 0 : kind.unknown() ? 1 : 2;
    }

    /** What becomes of one call. */
    sealed interface Verdict {
        /** The call fits; the state has its places. */
        record Accepted(SequenceState next, List<Objection> observed, Awaited awaited) implements Verdict {}

        /** The call does not fit. */
        record Refused(Objection objection) implements Verdict {}
    }

    static SequenceState fits(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Accepted.class);
        return ((Verdict.Accepted) verdict).next();
    }

    static Objection refused(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Verdict.Refused.class);
        return ((Verdict.Refused) verdict).objection();
    }
}

package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.fits;
import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.binding.AnswerValues;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each kind of rule says and keeps, where random walks do not come. */
class RuleKindsTest {
    private static final long NOW = 1_795_512_000_000L;

    private static Move move(String operation, String arguments) {
        try {
            return new Move(operation, (JsonObject) Json.parse(arguments), false, "path"::equals);
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(arguments, e);
        }
    }

    /** What another replica or build of the same format stored goes on; these are its bytes. */
    @Test
    void state_ofTheseBytes_goesOn() {
        SequencePolicy policy = policy("{sequence: [{a: 1..*}, b], interleave: [c], rules: [{absence: b, after: c},"
                + " {precedence: a, before: b}, {bounded: c, at-most: 3, within: 60s, same: [resource]},"
                + " {bounded: a, at-most: 9}]}");
        byte[] stored = HexFormat.of()
                .parseHex(
                        "017547c0b201048b53639f152c8fc6e8c3ebe6a03400010202aee3d30407ccfb32dbb15266aaf45f0ce788103ee15318"
                                + "fce80700010202609d51837c7fc306b0cbb04a2492281af451a61749c611bae80700010202aee3d30407ccfb32db"
                                + "b15266aaf45f0caf327a6478537246e807000100010101030101000202aee3d30407ccfb32dbb15266aaf45f0c02"
                                + "e8c3ebe6a034d00f02609d51837c7fc306b0cbb04a2492281a01d0cbebe6a03401010102");
        assertThat(policy.digest()).isEqualTo("sha-256:dUfAsh0bAIiuUSpxt-xfg_vGL4A5AEV4fNnLeIQKXCw");
        SequenceState read = policy.read(stored);
        assertThat(policy.write(read)).hasSameSizeAs(stored);
        Move third = move("c", "{\"resource\":\"r1\"}");
        SequenceState full = fits(policy.take(read, List.of(third), "d5", NOW + 4_000));
        assertThat(refused(policy.take(full, List.of(third), "d6", NOW + 61_000))
                        .kind())
                .isEqualTo(Kind.RULE);
        fits(policy.take(full, List.of(third), "d6", NOW + 61_001));
        assertThat(refused(policy.take(read, List.of(move("b", "{}")), "d5", NOW + 4_000))
                        .kind())
                .as("a call of a is unanswered, and the rule objects whatever it comes to")
                .isIn(Kind.PENDING, Kind.RULE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            0                    | true
            100                  | true
            1e2                  | true
            100.0                | true
            101                  | false
            -1                   | false
            -0                   | false
            0.5                  | false
            "100"                | false
            null                 | false
            [1]                  | false
            9007199254740992     | false
            1e400                | false
            """)
    void sum_takesWholeNumbersOnly(String amount, boolean passes) {
        SequencePolicy policy = policy("rules: [{sum: a, of: amount, at-most: 100}]");
        SequencePolicy.Verdict verdict =
                policy.take(policy.start(), List.of(move("a", "{\"amount\":" + amount + "}")), "d", NOW);
        assertThat(verdict instanceof SequencePolicy.Verdict.Accepted).isEqualTo(passes);
    }

    @Test
    void sum_ofTheGreatestAmounts_doesNotOverflow() {
        SequencePolicy policy = policy("rules: [{sum: a, of: amount, at-most: 9007199254740991, observe: true}]");
        SequenceState state = policy.start();
        for (int i = 0; i < 3; i++) {
            state = fits(policy.take(state, List.of(move("a", "{\"amount\":9007199254740991}")), "d" + i, NOW));
        }
        assertThat(policy.write(policy.read(policy.write(state)))).isEqualTo(policy.write(state));
    }

    @Test
    void from_comparesAsJson_andTextAsTheNumberThatItSpellsInOneWayOnly() {
        SequencePolicy policy = policy("rules: [{from: {a: id}, to: {b: path, c: body}}]");
        assertThat(policy.returns("a")).containsExactly("id");
        assertThat(policy.returns("b")).isEmpty();
        AnswerValues values = AnswerValues.NONE
                .with(
                        List.of(named("17"), named("\"x\""), named("9007199254740993"), named("true")),
                        new byte[AnswerValues.KEY_BYTES])
                .values();
        assertThat(passes(policy, values, move("c", "{\"body\":17}"))).isTrue();
        assertThat(passes(policy, values, move("c", "{\"body\":1.7e1}"))).isTrue();
        assertThat(passes(policy, values, move("c", "{\"body\":\"17\"}"))).isFalse();
        assertThat(passes(policy, values, move("b", "{\"path\":\"17\"}"))).isTrue();
        for (String other : List.of("17.0", "170e-1", "1.7e1", "1.7E1", " 17", "017", "+17", "-17")) {
            assertThat(passes(policy, values, move("b", "{\"path\":\"" + other + "\"}")))
                    .as(other)
                    .isFalse();
        }
        assertThat(passes(policy, values, move("b", "{\"path\":\"x\"}"))).isTrue();
        assertThat(passes(policy, values, move("b", "{\"path\":\"9007199254740993\"}")))
                .isTrue();
        assertThat(passes(policy, values, move("b", "{\"path\":\"9007199254740992\"}")))
                .isFalse();
        for (String endless : List.of("1e99999999999", "-1e-99999999999", "1e400")) {
            assertThat(passes(policy, values, move("b", "{\"path\":\"" + endless + "\"}")))
                    .as(endless)
                    .isFalse();
            assertThat(passes(policy, values, move("c", "{\"body\":" + endless + "}")))
                    .as(endless)
                    .isFalse();
        }
        assertThat(passes(policy, values, move("c", "{\"body\":[17,\"x\",true]}")))
                .isTrue();
        assertThat(passes(policy, values, move("c", "{\"body\":[17,18]}"))).isFalse();
        assertThat(passes(policy, values, move("c", "{\"body\":[]}"))).isFalse();
        assertThat(passes(policy, values, move("c", "{\"body\":{\"x\":17}}"))).isFalse();
        assertThat(passes(policy, values, move("c", "{}"))).isFalse();
        assertThat(policy.lookalike("c", ((Move) move("c", "{\"Body\":1}")).arguments()))
                .isEqualTo("body");
    }

    /** A list may be as long as the values of a task are many: each different element costs a walk over all of them. */
    @Test
    void from_ofALongList_isBounded() {
        SequencePolicy policy = policy("rules: [{from: {a: id}, to: {c: body}}]");
        List<AnswerValues.Named> all =
                IntStream.range(0, 4_096).mapToObj(i -> named("" + i)).toList();
        AnswerValues values =
                AnswerValues.NONE.with(all, new byte[AnswerValues.KEY_BYTES]).values();
        assertThat(passes(policy, values, list(i -> i, 4_096))).isTrue();
        assertThat(passes(policy, values, list(i -> 7, 4_096))).isTrue();
        assertThat(passes(policy, values, list(i -> i == 4_095 ? 4_096 : i, 4_096)))
                .isFalse();
        assertThat(passes(policy, values, list(i -> 7, 4_097))).isFalse();
        SequenceState sent = fits(policy.take(policy.start(), List.of(move("a", "{}")), "a", NOW));
        assertThat(refused(policy.take(sent, List.of(list(i -> 7, 4_097)), "b", NOW))
                        .kind())
                .as("no answer makes it right")
                .isEqualTo(Kind.RULE);
        assertThat(refused(policy.take(sent, List.of(list(i -> 7, 4_096)), "b", NOW))
                        .kind())
                .isEqualTo(Kind.PENDING_RULE);
    }

    private static Move list(IntUnaryOperator element, int length) {
        return move(
                "c",
                IntStream.range(0, length)
                        .map(element)
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(",", "{\"body\":[", "]}")));
    }

    private static boolean passes(SequencePolicy policy, AnswerValues values, Move move) {
        return policy.take(policy.start(), List.of(move), values, "d", NOW) instanceof SequencePolicy.Verdict.Accepted;
    }

    private static AnswerValues.Named named(String json) {
        try {
            return new AnswerValues.Named("a", "id", AnswerValues.hash(Json.parse(json)));
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(json, e);
        }
    }

    /** Until the values of an answer are known, a call that needs one may be made again. */
    @Test
    void from_whileTheAnswerStreams_isPending_andNeverForLongerThanTheResponseTimeout() {
        SequencePolicy policy = policy("rules: [{from: {a: id}, to: {b: x}}]");
        Move needs = move("b", "{\"x\":1}");
        SequenceState sent = fits(policy.take(policy.start(), List.of(move("a", "{}")), "a", NOW));
        assertThat(refused(policy.take(sent, List.of(needs), "b", NOW)).kind()).isEqualTo(Kind.PENDING_RULE);
        SequenceState streams = policy.read(policy.write(policy.settle(sent, "a", true, true, NOW + 1)));
        assertThat(refused(policy.take(streams, List.of(needs), "b", NOW + 2)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        SequenceState known = policy.returned(streams, "a");
        assertThat(refused(policy.take(known, List.of(needs), "b", NOW + 2)).kind())
                .isEqualTo(Kind.RULE);
        assertThat(refused(policy.take(streams, List.of(needs), "b", NOW + 60_000))
                        .kind())
                .isEqualTo(Kind.RULE);
        SequenceState failed = policy.settle(sent, "a", false, false, NOW + 1);
        assertThat(refused(policy.take(failed, List.of(needs), "b", NOW + 2)).kind())
                .isEqualTo(Kind.RULE);
        assertThat(policy.write(policy.giveBack(sent, "a", NOW))).isEqualTo(policy.write(policy.start()));
    }

    /** More values than are kept apart: refused before they are sent, since their outcome could not be written down. */
    @Test
    void precedence_withoutRoomForOneMore_refusesTheFirstOfTheTwo() {
        SequencePolicy policy = policy("rules: [{precedence: a, before: b, same: [x], within: 10s}]");
        SequenceState state = policy.start();
        for (int i = 0; i < 4_096; i++) {
            state = policy.settle(
                    fits(policy.take(state, List.of(move("a", "{\"x\":" + i + "}")), "d" + i, NOW)),
                    "d" + i,
                    true,
                    NOW);
        }
        assertThat(refused(policy.take(state, List.of(move("a", "{\"x\":-1}")), "d", NOW))
                        .kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(policy.take(state, List.of(move("a", "{\"x\":5}")), "d", NOW));
        fits(policy.take(state, List.of(move("a", "{\"x\":-1}")), "d", NOW + 10_001));
    }

    /** The operations of one call need their places together. */
    @ParameterizedTest
    @CsvSource({
        "'{absence: b, after: a, when: happened, same: [x]}', true",
        "'{absence: b, after: a, when: failed, same: [x], within: 10s}', false",
        "'{precedence: a, before: b, same: [x]}', true",
        "'{precedence: a, before: b, same: [x], within: 10s}', true",
    })
    void callOfManyOperations_withoutRoomForAllOfThem_isRefused(String rule, boolean happens) {
        SequencePolicy policy = policy("rules: [" + rule + "]");
        SequenceState state = policy.start();
        for (int from = 0; from < 4_000; from += 1_000) {
            state = policy.settle(
                    fits(policy.take(state, many(from, from + 1_000), "d" + from, NOW)), "d" + from, happens, NOW);
        }
        assertThat(refused(policy.take(state, many(4_000, 4_097), "d", NOW)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(policy.take(state, many(3_900, 4_096), "d", NOW));
        SequenceState sent = fits(policy.take(state, many(4_000, 4_090), "d", NOW));
        assertThat(refused(policy.take(sent, many(4_090, 4_097), "e", NOW)).kind())
                .as("of a call in flight")
                .isEqualTo(Kind.PENDING_RULE);
        fits(policy.take(sent, many(4_080, 4_096), "e", NOW));
    }

    /** Calls in flight may need more than half of the places. */
    @Test
    void callsInFlight_thatNeedAllPlaces_leaveNoneForOneMore() {
        SequencePolicy policy = policy("rules: [{absence: b, after: a, when: happened, same: [x]}]");
        SequenceState state =
                policy.settle(fits(policy.take(policy.start(), many(0, 1_000), "d", NOW)), "d", true, NOW);
        for (int from = 1_000; from < 4_000; from += 1_000) {
            state = fits(policy.take(state, many(from, from + 1_000), "d" + from, NOW));
        }
        assertThat(refused(policy.take(state, many(4_000, 4_097), "e", NOW)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(policy.take(state, many(4_000, 4_096), "e", NOW));
    }

    private static List<Move> many(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> move("a", "{\"x\":" + i + "}"))
                .toList();
    }

    @Test
    void refusal_saysRuleAndWhen() {
        SequencePolicy once = policy("rules: [{precedence: a, before: b, within: 10m, once: true, same: [x]}]");
        assertThat(refused(once.take(once.start(), List.of(move("b", "{\"x\":1}")), "d", NOW))
                        .detail())
                .isEqualTo("`b` may be called only once for each time that `a` succeeded within 10m with the same x"
                        + " (rule at t.yaml:1:9)");
        SequencePolicy absence = policy("rules: [{absence: b, after: a, when: failed, within: 30m}]");
        SequenceState state = absence.settle(
                fits(absence.take(absence.start(), List.of(move("a", "{}")), "a", NOW)), "a", false, NOW);
        assertThat(refused(absence.take(state, List.of(move("b", "{}")), "d", NOW + 60_000))
                        .detail())
                .isEqualTo("`b` may not be called within 30m after `a` failed (rule at t.yaml:1:9); it is possible in"
                        + " 1741s");
    }
}

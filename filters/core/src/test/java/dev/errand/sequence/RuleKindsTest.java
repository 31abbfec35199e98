package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.fits;
import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.refused;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.SequencePolicy.Settlement;
import dev.errand.sequence.rule.AnswerValues;
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
    /** Written by calls of {@code c} now and 3 s later, and by three calls of {@code a}, of which one is unknown. */
    private static final String STORED =
            "017547c0b20004008b53639f152c8fc680bcebe6a034010202aee3d30407ccfb32dbb15266aaf45f0c7f000195716c4f"
                    + "2400010203040506070809e807e807010000af327a6478537246d00f010202aee3d30407ccfb32dbb15266aaf45f0c3c"
                    + "036435f403010001010102000102aee3d30407ccfb32dbb15266aaf45f0c0280bcebe6a034b8170101010301f451a617"
                    + "49c611ba00";

    private static final long NOW = 1_795_512_000_000L;

    private static Move move(String operation, String arguments) {
        try {
            return new Move(operation, (JsonObject) Json.parse(arguments), false, "path"::equals, Move.Kind.READS);
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
        byte[] stored = HexFormat.of().parseHex(STORED);
        assertThat(policy.digest()).isEqualTo("sha-256:dUfAsh0bAIiuUSpxt-xfg_vGL4A5AEV4fNnLeIQKXCw");
        SequenceState read = policy.read(stored);
        assertThat(policy.write(read)).isEqualTo(stored);
        assertThat(read.describe()).isEqualTo("0+1 in flight+1 unknown");
        assertThat(policy.unknown(read, NOW + 4_000))
                .containsExactly(new UnknownOutcome("d-AZVxbE8kAAECAwQFBgcICQ", List.of("a"), NOW + 2_000));
        assertThat(policy.know(read, "d3", true, NOW + 4_000).verdict())
                .as("an operator said the opposite before")
                .isEqualTo(Settlement.Verdict.CONFLICT);
        Move third = move("c", "{\"resource\":\"r1\"}");
        SequenceState full = fits(take(policy, read, List.of(third), "d6", NOW + 4_000));
        assertThat(refused(take(policy, full, List.of(third), "d7", NOW + 60_000))
                        .kind())
                .isEqualTo(Kind.RULE);
        fits(take(policy, full, List.of(third), "d7", NOW + 60_001));
        assertThat(refused(take(policy, read, List.of(move("b", "{}")), "d6", NOW + 4_000))
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
        Verdict verdict = take(policy, policy.start(), List.of(move("a", "{\"amount\":" + amount + "}")), "d", NOW);
        assertThat(verdict instanceof Verdict.Accepted).isEqualTo(passes);
    }

    /** A window closed at both ends; what is given back frees its amount, and so does what is too old. */
    @Test
    void sum_withinAWindow_countsWhatIsRecent_andIsFullAt4096() {
        SequencePolicy policy = policy("rules: [{sum: a, of: amount, at-most: 100, within: 10s, same: [x]}]");
        SequenceState state = fits(take(policy, policy.start(), List.of(paid(60)), "d1", NOW));
        state = fits(take(policy, state, List.of(paid(40)), "d2", NOW + 4_000));
        state = policy.read(policy.write(state));
        assertThat(refused(take(policy, state, List.of(paid(1)), "d3", NOW + 10_000))
                        .detail())
                .isEqualTo("`amount` of all calls of `a` may come to at most 100 within 10s with the same x (rule at"
                        + " t.yaml:1:9); they come to 100, and this call would add 1");
        fits(take(policy, state, List.of(paid(60)), "d3", NOW + 10_001));
        assertThat(refused(take(policy, state, List.of(paid(61)), "d3", NOW + 10_001))
                        .kind())
                .isEqualTo(Kind.RULE);
        SequenceState back = policy.giveBack(state, "d1", NOW + 5_000);
        fits(take(policy, back, List.of(paid(60)), "d3", NOW + 6_000));
        assertThat(policy.write(policy.giveBack(back, "d2", NOW + 5_000))).isEqualTo(policy.write(policy.start()));
        SequencePolicy many = policy("rules: [{sum: a, of: amount, at-most: 9007199254740991, within: 10s}]");
        SequenceState full = many.start();
        for (int i = 0; i < 4_096; i++) {
            full = fits(take(many, full, List.of(paid(7)), "d" + i, NOW));
        }
        assertThat(refused(take(many, full, List.of(paid(0)), "d", NOW + 10_000))
                        .kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(take(many, many.read(many.write(full)), List.of(paid(0)), "d", NOW + 10_001));
    }

    private static Move paid(long amount) {
        return move("a", "{\"x\":1,\"amount\":" + amount + "}");
    }

    @Test
    void sum_ofTheGreatestAmounts_doesNotOverflow() {
        SequencePolicy policy = policy("rules: [{sum: a, of: amount, at-most: 9007199254740991, observe: true}]");
        SequenceState state = policy.start();
        for (int i = 0; i < 3; i++) {
            state = fits(take(policy, state, List.of(move("a", "{\"amount\":9007199254740991}")), "d" + i, NOW));
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
        SequenceState sent = fits(take(policy, policy.start(), List.of(move("a", "{}")), "a", NOW));
        assertThat(refused(take(policy, sent, List.of(list(i -> 7, 4_097)), "b", NOW))
                        .kind())
                .as("no answer makes it right")
                .isEqualTo(Kind.RULE);
        assertThat(refused(take(policy, sent, List.of(list(i -> 7, 4_096)), "b", NOW))
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
        return take(policy, policy.start(), List.of(move), values, "d", NOW) instanceof Verdict.Accepted;
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
        SequenceState sent = fits(take(policy, policy.start(), List.of(move("a", "{}")), "a", NOW));
        assertThat(refused(take(policy, sent, List.of(needs), "b", NOW)).kind()).isEqualTo(Kind.PENDING_RULE);
        SequenceState streams = policy.read(policy.write(policy.settle(sent, "a", true, true, NOW + 1)));
        assertThat(refused(take(policy, streams, List.of(needs), "b", NOW + 2)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        SequenceState known = policy.returned(streams, "a", List.of(), AnswerValues.NONE, NOW);
        assertThat(refused(take(policy, known, List.of(needs), "b", NOW + 2)).kind())
                .isEqualTo(Kind.RULE);
        assertThat(refused(take(policy, streams, List.of(needs), "b", NOW + 60_000))
                        .kind())
                .isEqualTo(Kind.RULE);
        SequenceState failed = policy.settle(sent, "a", false, false, NOW + 1);
        assertThat(refused(take(policy, failed, List.of(needs), "b", NOW + 2)).kind())
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
                    fits(take(policy, state, List.of(move("a", "{\"x\":" + i + "}")), "d" + i, NOW)),
                    "d" + i,
                    true,
                    NOW);
        }
        assertThat(refused(take(policy, state, List.of(move("a", "{\"x\":-1}")), "d", NOW))
                        .kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(take(policy, state, List.of(move("a", "{\"x\":5}")), "d", NOW));
        fits(take(policy, state, List.of(move("a", "{\"x\":-1}")), "d", NOW + 10_001));
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
                    fits(take(policy, state, many(from, from + 1_000), "d" + from, NOW)), "d" + from, happens, NOW);
        }
        assertThat(refused(take(policy, state, many(4_000, 4_097), "d", NOW)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(take(policy, state, many(3_900, 4_096), "d", NOW));
        SequenceState sent = fits(take(policy, state, many(4_000, 4_090), "d", NOW));
        assertThat(refused(take(policy, sent, many(4_090, 4_097), "e", NOW)).kind())
                .as("of a call in flight")
                .isEqualTo(Kind.PENDING_RULE);
        fits(take(policy, sent, many(4_080, 4_096), "e", NOW));
    }

    /** Calls in flight may need more than half of the places. */
    @Test
    void callsInFlight_thatNeedAllPlaces_leaveNoneForOneMore() {
        SequencePolicy policy = policy("rules: [{absence: b, after: a, when: happened, same: [x]}]");
        SequenceState state =
                policy.settle(fits(take(policy, policy.start(), many(0, 1_000), "d", NOW)), "d", true, NOW);
        for (int from = 1_000; from < 4_000; from += 1_000) {
            state = fits(take(policy, state, many(from, from + 1_000), "d" + from, NOW));
        }
        assertThat(refused(take(policy, state, many(4_000, 4_097), "e", NOW)).kind())
                .isEqualTo(Kind.PENDING_RULE);
        fits(take(policy, state, many(4_000, 4_096), "e", NOW));
    }

    private static List<Move> many(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(i -> move("a", "{\"x\":" + i + "}"))
                .toList();
    }

    @Test
    void refusal_saysRuleAndWhen() {
        SequencePolicy once = policy("rules: [{precedence: a, before: b, within: 10m, once: true, same: [x]}]");
        assertThat(refused(take(once, once.start(), List.of(move("b", "{\"x\":1}")), "d", NOW))
                        .detail())
                .isEqualTo("`b` may be called only once for each time that `a` succeeded within 10m with the same x"
                        + " (rule at t.yaml:1:9)");
        SequencePolicy absence = policy("rules: [{absence: b, after: a, when: failed, within: 30m}]");
        SequenceState state = absence.settle(
                fits(take(absence, absence.start(), List.of(move("a", "{}")), "a", NOW)), "a", false, NOW);
        assertThat(refused(take(absence, state, List.of(move("b", "{}")), "d", NOW + 60_000))
                        .detail())
                .isEqualTo("`b` may not be called within 30m after `a` failed (rule at t.yaml:1:9); it is possible in"
                        + " 1741s");
    }
}

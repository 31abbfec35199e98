package dev.errand.sequence;

import static dev.errand.sequence.SequencePolicies.faults;
import static dev.errand.sequence.SequencePolicies.fits;
import static dev.errand.sequence.SequencePolicies.policy;
import static dev.errand.sequence.SequencePolicies.refused;
import static dev.errand.sequence.SequencePolicies.take;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.AnswerPlace;
import dev.errand.operation.JsonPointer;
import dev.errand.operation.Scalars;
import dev.errand.sequence.SequencePolicies.Verdict;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.KeptAnswers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rules over what the last answer said. */
class AnsweredRuleTest {
    private static final long NOW = 1_795_512_000_000L;
    private static final AnswerValues KEYED =
            AnswerValues.NONE.keyed("sixteen bytes ok".getBytes(StandardCharsets.US_ASCII));

    private static JsonValue json(String text) {
        try {
            return Json.parse(text);
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(text, e);
        }
    }

    private static Move move(String operation, String arguments) {
        Move.Kind kind = operation.startsWith("!") ? Move.Kind.CHANGES : Move.Kind.READS;
        String id = operation.replace("!", "");
        return new Move(id, (JsonObject) json(arguments), false, "path"::equals, kind);
    }

    /** The state after a read was permitted, answered, and its answer was read. */
    private static SequenceState read(SequencePolicy policy, SequenceState state, Move read, String body, long at) {
        String decision = "r" + at;
        SequenceState sent = fits(take(policy, state, List.of(read), KEYED, decision, at));
        return answered(policy, sent, decision, read.operation(), body, at);
    }

    private static SequenceState answered(
            SequencePolicy policy, SequenceState sent, String decision, String operation, String body, long at) {
        Map<String, AnswerPlace> places = new LinkedHashMap<>();
        policy.returns(operation)
                .forEach(name -> places.put(
                        name,
                        new AnswerPlace(Objects.requireNonNull(JsonPointer.parse("/" + name.replace('.', '/'))))));
        List<AnswerValues.Named> values = new ArrayList<>();
        Scalars.in(
                json(body),
                places,
                (name, scalar) -> values.add(AnswerValues.Named.of(operation, name, false, scalar)));
        SequenceState returning = policy.settle(sent, decision, true, true, at);
        return policy.read(policy.write(policy.returned(returning, decision, values, KEYED, at)));
    }

    private static @Nullable Objection objection(SequencePolicy policy, SequenceState state, Move move, long at) {
        Verdict verdict = take(policy, state, List.of(move), KEYED, "w", at);
        return verdict instanceof Verdict.Refused refused ? refused.objection() : null;
    }

    private static boolean passes(SequencePolicy policy, SequenceState state, Move move) {
        return objection(policy, state, move, NOW + 1_000) == null;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            exact: open                          | "open"               | true
            exact: open                          | "Open"               | false
            exact: open                          | true                 | false
            exact: true                          | true                 | true
            exact: true                          | "true"               | false
            exact: 5                             | 5.0                  | true
            exact: 5                             | "5"                  | false
            exact: 5                             | 5.0000000000000001   | false
            exact: 18446744073709551615          | 18446744073709551615 | true
            exact: 18446744073709551615          | 18446744073709551616 | false
            one_of: [business, first]            | "first"              | true
            one_of: [business, first]            | "economy"            | false
            one_of: [1, 2.50]                    | 2.5                  | true
            not_one_of: [shipped, lost]          | "open"               | true
            not_one_of: [shipped, lost]          | "lost"               | false
            not_one_of: [shipped, lost]          | 5                    | false
            not_one_of: [shipped, lost]          | null                 | false
            not_one_of: [shipped, lost]          | 12345678901234567890123 | false
            not_one_of: [shipped, lost]          | 1e400                | false
            range: {min: 1, max: 10}             | 10                   | true
            range: {min: 1, max: 10}             | 10.01                | false
            range: {min: 1}                      | 0.99                 | false
            range: {max: 10}                     | -3                   | true
            range: {max: 10}                     | "3"                  | false
            at-least: 100.10                     | 100.1                | true
            at-least: 100.10                     | 100.09               | false
            at-most: 9007199254740992            | 9007199254740993     | false
            at-least: 1                          | 1e400                | false
            present: true                        | "x"                  | true
            present: true                        | null                 | false
            present: true                        | {}                   | false
            present: false                       | null                 | true
            present: false                       | []                   | true
            present: false                       | 0                    | false
            equals: {argument: body}             | "x7"                 | true
            equals: {argument: body}             | "x8"                 | false
            equals: {argument: path}             | 17                   | true
            equals: {argument: path}             | "17"                 | true
            equals: {argument: path}             | 18                   | false
            equals: {argument: text}             | 17                   | false
            equals: {argument: list}             | "x7"                 | false
            equals: {argument: none}             | "x7"                 | false
            at-least: {argument: amount}         | 25.5                 | true
            at-least: {argument: amount}         | 25.49                | false
            at-most: {argument: path}            | 17                   | true
            at-most: {argument: path}            | 18                   | false
            at-most: {argument: text}            | 1                    | false
            at-least: {argument: none}           | 1                    | false
            """)
    void conditions(String condition, String value, boolean passes) {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, where: {v: {" + condition + "}}}]");
        Move when = move("w", "{\"path\":\"17\",\"text\":\"17\",\"body\":\"x7\",\"amount\":25.5,\"list\":[\"x7\"]}");
        assertThat(passes(policy, policy.start(), when)).as("no answer").isFalse();
        SequenceState known = read(policy, policy.start(), move("r", "{}"), "{\"v\":" + value + "}", NOW);
        assertThat(passes(policy, known, when)).isEqualTo(passes);
    }

    @Test
    void lastAnswer_underTheSameArguments_replacesTheOneBefore() {
        SequencePolicy policy =
                policy("rules: [{when: w, answered: r, same: [id, org], where: {cabin: {one_of: [business]}}}]");
        Move read = move("r", "{\"org\":1,\"id\":\"A\"}");
        Move when = move("w", "{\"id\":\"A\",\"org\":1}");
        SequenceState state = read(policy, policy.start(), read, "{\"cabin\":\"business\"}", NOW);
        assertThat(passes(policy, state, when)).isTrue();
        assertThat(passes(policy, state, move("w", "{\"id\":\"B\",\"org\":1}"))).isFalse();
        assertThat(passes(policy, state, move("w", "{\"id\":\"A\"}")))
                .as("lacks org")
                .isFalse();
        SequenceState other = read(policy, state, read, "{\"cabin\":\"economy\"}", NOW + 1);
        assertThat(passes(policy, other, when)).isFalse();
        assertThat(passes(policy, read(policy, state, read, "{}", NOW + 1), when))
                .as("absent")
                .isFalse();
        SequenceState failed =
                policy.settle(fits(take(policy, state, List.of(read), KEYED, "f", NOW + 1)), "f", false, NOW + 1);
        assertThat(passes(policy, failed, when))
                .as("answers of 400 and more say nothing")
                .isTrue();
        SequenceState unread =
                policy.settle(fits(take(policy, state, List.of(read), KEYED, "u", NOW + 1)), "u", true, NOW + 1);
        assertThat(passes(policy, unread, when))
                .as("an answer that could not be read")
                .isFalse();
    }

    @Test
    void valueThatStandsTwice_isAbsent() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, where: {x: {present: true}}}]");
        AnswerValues.Named one = AnswerValues.Named.of("r", "x", false, json("1"));
        for (int times = 0; times <= 2; times++) {
            SequenceState sent = policy.settle(
                    fits(take(policy, policy.start(), moves("r"), KEYED, "d", NOW)), "d", true, true, NOW);
            SequenceState known = policy.returned(sent, "d", Collections.nCopies(times, one), KEYED, NOW);
            assertThat(passes(policy, known, move("w", "{}"))).isEqualTo(times == 1);
        }
    }

    private static List<Move> moves(String id) {
        return List.of(move(id, "{}"));
    }

    @Test
    void any_needsOneOfTheMaps_besideWhere() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, where: {status: {exact: open}},"
                + " any: [{cabin: {exact: business}}, {insured: {exact: true}, age: {at-most: 24}}]}]");
        assertThat(policy.returns("r")).containsExactlyInAnyOrder("status", "cabin", "insured", "age");
        assertThat(said(policy, "{\"status\":\"open\",\"cabin\":\"business\"}")).isNull();
        assertThat(said(policy, "{\"status\":\"open\",\"cabin\":\"economy\",\"insured\":true,\"age\":24}"))
                .isNull();
        assertThat(said(policy, "{\"status\":\"open\",\"insured\":true,\"age\":25}"))
                .isEqualTo("`w` may be called only as the last answer of `r` permits (rule at t.yaml:1:9); none of the"
                        + " maps under `any` holds: its `cabin` must be business");
        assertThat(said(policy, "{\"status\":\"flown\",\"cabin\":\"business\"}"))
                .contains("its `status` must be open");
    }

    private static @Nullable String said(SequencePolicy policy, String body) {
        SequenceState state = read(policy, policy.start(), move("r", "{}"), body, NOW);
        Objection objection = objection(policy, state, move("w", "{}"), NOW + 1);
        return objection == null ? null : objection.detail();
    }

    @Test
    void within_countsFromTheAnswer_closedAtBothEnds() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, where: {x: {exact: 1}}, within: 10s}]");
        SequenceState state = read(policy, policy.start(), move("r", "{}"), "{\"x\":1}", NOW);
        Move when = move("w", "{}");
        assertThat(objection(policy, state, when, NOW + 10_000)).isNull();
        Objection late = Objects.requireNonNull(objection(policy, state, when, NOW + 10_001));
        assertThat(late.kind()).isEqualTo(Kind.RULE);
        assertThat(late.detail()).endsWith("there is no such answer within 10s");
    }

    @Test
    void overlappingReads_theAnswerThatBeganLastIsTheLast() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, where: {x: {exact: 1}}}]");
        Move read = move("r", "{}");
        SequenceState first = fits(take(policy, policy.start(), List.of(read), KEYED, "a", NOW));
        SequenceState both = fits(take(policy, first, List.of(read), KEYED, "b", NOW + 1));
        SequenceState heads = policy.settle(policy.settle(both, "a", true, true, NOW + 2), "b", true, true, NOW + 3);
        SequenceState newer = policy.read(policy.write(body(policy, heads, "b", "2", NOW + 4)));
        assertThat(passes(policy, body(policy, newer, "a", "1", NOW + 5), move("w", "{}")))
                .isFalse();
        SequenceState older = policy.read(policy.write(body(policy, heads, "a", "2", NOW + 4)));
        assertThat(passes(policy, body(policy, older, "b", "1", NOW + 5), move("w", "{}")))
                .isTrue();
    }

    private static SequenceState body(SequencePolicy policy, SequenceState state, String decision, String x, long at) {
        return policy.returned(state, decision, List.of(AnswerValues.Named.of("r", "x", false, json(x))), KEYED, at);
    }

    @Test
    void answerInFlight_isPending() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, same: [id], where: {x: {exact: 1}}}]");
        Move when = move("w", "{\"id\":1}");
        SequenceState one = read(policy, policy.start(), move("r", "{\"id\":1}"), "{\"x\":1}", NOW);
        SequenceState sent = fits(take(policy, one, List.of(move("r", "{\"id\":1}")), KEYED, "d", NOW + 1));
        assertThat(Objects.requireNonNull(objection(policy, sent, when, NOW + 2))
                        .kind())
                .isEqualTo(Kind.PENDING_RULE);
        SequenceState streaming = policy.settle(sent, "d", true, true, NOW + 2);
        assertThat(Objects.requireNonNull(objection(policy, streaming, when, NOW + 3))
                        .kind())
                .isEqualTo(Kind.PENDING_RULE);
        assertThat(objection(policy, answered(policy, sent, "d", "r", "{\"x\":1}", NOW + 4), when, NOW + 5))
                .isNull();
        assertThat(Objects.requireNonNull(objection(policy, streaming, when, NOW + 61_000))
                        .kind())
                .as("the rest of the answer never came")
                .isEqualTo(Kind.RULE);
        SequenceState other = fits(take(policy, one, List.of(move("r", "{\"id\":2}")), KEYED, "e", NOW + 1));
        assertThat(objection(policy, other, when, NOW + 2)).as("of another id").isNull();
    }

    @Test
    void unknownOutcome_ofTheOperationThatAnswers_isUnknown_untilALaterAnswer() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, where: {x: {exact: 1}}}]");
        Move write = move("!r", "{}");
        SequenceState one = read(policy, policy.start(), write, "{\"x\":1}", NOW);
        SequenceState sent = fits(take(policy, one, List.of(write), KEYED, "d", NOW + 1));
        SequenceState unknown = policy.unanswered(sent, "d", true, NOW + 2);
        Objection objection = Objects.requireNonNull(objection(policy, unknown, move("w", "{}"), NOW + 3));
        assertThat(objection.kind()).isEqualTo(Kind.UNKNOWN_RULE);
        assertThat(objection.unknown()).containsExactly("d");
        assertThat(objection(policy, policy.know(unknown, "d", false, NOW + 4).next(), move("w", "{}"), NOW + 5))
                .isNull();
        assertThat(objection(policy, policy.know(unknown, "d", true, NOW + 4).next(), move("w", "{}"), NOW + 5))
                .as("what it answered is not known")
                .isNotNull();
        assertThat(objection(policy, read(policy, unknown, write, "{\"x\":1}", NOW + 6), move("w", "{}"), NOW + 7))
                .isNull();
        SequencePolicy absent = policy("rules: [{when: w, answered: r, where: {x: {present: false}}}]");
        SequenceState none = read(absent, absent.start(), write, "{}", NOW);
        SequenceState lost =
                absent.unanswered(fits(take(absent, none, List.of(write), KEYED, "d", NOW + 1)), "d", true, NOW + 2);
        assertThat(objection(absent, lost, move("w", "{}"), NOW + 3))
                .as("whatever became of it")
                .isNull();
    }

    /** One answer to two operations does not say what belongs to which of them. */
    @Test
    void answerToSeveralOperations_saysNothingOfAny() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, same: [id], where: {x: {exact: 1}}}]");
        SequenceState sent = fits(take(
                policy, policy.start(), List.of(move("r", "{\"id\":1}"), move("r", "{\"id\":2}")), KEYED, "d", NOW));
        SequenceState known = answered(policy, sent, "d", "r", "{\"x\":1}", NOW);
        assertThat(passes(policy, known, move("w", "{\"id\":1}"))).isFalse();
        assertThat(passes(policy, known, move("w", "{\"id\":2}"))).isFalse();
    }

    @Test
    void moreAnswersThanAreKept_refuse_andMakeRoomOnceTheirWindowIsOver() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, same: [id], where: {x: {exact: 1}}},"
                + " {when: v, answered: r, same: [id], where: {y: {exact: b}}}]");
        SequencePolicy windowed =
                policy("rules: [{when: w, answered: r, same: [id], where: {x: {exact: 1}}, within: 10s}]");
        for (SequencePolicy each : List.of(policy, windowed)) {
            SequenceState state = each.start();
            for (int i = 0; i < KeptAnswers.MAX; i++) {
                state = read(each, state, move("r", "{\"id\":" + i + "}"), "{\"x\":1,\"y\":\"b\"}", NOW + i);
            }
            Move last = move("r", "{\"id\":-1}");
            Move when = move("w", "{\"id\":-1}");
            SequenceState full = read(each, state, last, "{\"x\":1}", NOW + 1_000);
            assertThat(Objects.requireNonNull(objection(each, full, when, NOW + 1_001))
                            .detail())
                    .endsWith("no such answer is kept, and the task keeps no more than 512 answers");
            assertThat(objection(each, full, move("w", "{\"id\":0}"), NOW + 1_001))
                    .isNull();
            assertThat(objection(each, full, move("w", "{\"id\":511}"), NOW + 1_001))
                    .isNull();
            SequenceState later = read(each, full, last, "{\"x\":1}", NOW + 10_001);
            assertThat(objection(each, later, when, NOW + 10_002) == null).isEqualTo(each == windowed);
        }
    }

    @Test
    void state_keepsNumbersAndHashes_andIsReadAgain() {
        SequencePolicy policy = policy("rules: [{when: w, answered: r, same: [id],"
                + " where: {n: {at-least: 1}, t: {exact: \"a text that nobody may read\"}, u: {present: false}}}]");
        SequenceState state = read(
                policy,
                policy.start(),
                move("r", "{\"id\":1}"),
                "{\"n\":12345678.90,\"t\":\"a text that nobody may read\"}",
                NOW);
        byte[] stored = policy.write(state);
        assertThat(new String(stored, StandardCharsets.ISO_8859_1)).doesNotContain("text");
        assertThat(policy.write(policy.read(stored))).isEqualTo(stored);
        assertThat(passes(policy, policy.read(stored), move("w", "{\"id\":1}"))).isTrue();
        assertThat(policy.write(policy.start()).length)
                .isEqualTo(policy("rules: [{precedence: r, before: w, same: [id]}]")
                                .write(policy("rules: [{precedence: r, before: w, same: [id]}]")
                                        .start())
                                .length
                        + 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {when: w, answered: r}                                                    | t.yaml:1:9: write under `where` what
            {when: w, answered: w, where: {x: {exact: 1}}}                            | t.yaml:1:10: `w` cannot wait for its own
            {answered: r, where: {x: {exact: 1}}}                                     | missing key 'when'
            {when: w, answered: r, where: {}}                                         | t.yaml:1:39: name 1 to 16 values
            {when: w, answered: r, where: {x: {}}}                                    | a condition has one of exact, one_of
            {when: w, answered: r, where: {x: {like: 1}}}                             | t.yaml:1:44: unknown key 'like'
            {when: w, answered: r, where: {x: {exact: null}}}                         | a condition compares with a text
            {when: w, answered: r, where: {x: {exact: [1]}}}                          | t.yaml:1:51: a condition compares
            {when: w, answered: r, where: {x: {one_of: []}}}                          | one_of has 1 to 256 values
            {when: w, answered: r, where: {x: {not_one_of: [1]}}}                     | write a `range` for numbers
            {when: w, answered: r, where: {x: {range: {}}}}                           | a range has `min`, `max`
            {when: w, answered: r, where: {x: {range: {min: a}}}}                     | t.yaml:1:57: a bound is a number, found 'a'
            {when: w, answered: r, where: {x: {at-least: b}}}                         | a bound is a number
            {when: w, answered: r, where: {x: {at-least: {arg: b}}}}                  | unknown key 'arg'
            {when: w, answered: r, where: {x: {equals: 5}}}                           | t.yaml:1:52:
            {when: w, answered: r, where: {x: {present: yes}}}                        | t.yaml:1:53:
            {when: w, answered: r, where: {x: {present: false, exact: 1}}}            | present: false stands alone
            {when: w, answered: r, any: []}                                           | `any` has 1 to 16 maps
            {when: w, answered: r, any: {x: {exact: 1}}}                              | t.yaml:1:37:
            {when: w, answered: r, where: {x: {exact: 1}}, within: soon}              | t.yaml:1:64: expected a duration
            {when: w, answered: r, where: {x: {exact: 1}}, before: c}                 | unknown key 'before'
            """)
    void faults_haveTheirPlace(String rule, String expected) {
        assertThat(faults("rules: [" + rule + "]")).contains(expected);
    }
}

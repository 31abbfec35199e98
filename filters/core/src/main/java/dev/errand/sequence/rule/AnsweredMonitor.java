package dev.errand.sequence.rule;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.AnswerCondition;
import dev.errand.sequence.rule.KeptAnswers.Answer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The compiled {@link Answered}. It has no state. It needs the outcome of every call of the operation that answers.
 * Cost: a look-up, and one SHA-256 for each text that is compared.
 *
 * @param answered the operation that answers
 * @param when the operation that is judged
 */
record AnsweredMonitor(Answered rule, OperationKey answered, OperationKey when) implements RuleMonitor {
    @Override
    public boolean concerns(int symbol) {
        return symbol == answered.symbol() || symbol == when.symbol();
    }

    @Override
    public boolean countsSent(Tally tally, Place place) {
        return false;
    }

    @Override
    public boolean awaits(Tally tally, Place place) {
        return answered.is(place);
    }

    @Override
    public boolean minds(Tally tally, Place place, Surroundings.Unknown call, long nowMillis) {
        return answered.is(place) && rule.within().counts(call.sinceMillis(), nowMillis);
    }

    @Override
    public @Nullable Breach check(Tally tally, Pair pair, Surroundings task) {
        Place place = pair.place();
        if (!when.is(place)) {
            return null;
        } else if (!when.isComplete(place)) {
            return breach(false, "this call lacks " + String.join(" or ", rule.same()));
        }
        Value same = when.value(place);
        if (task.isAnswering(each -> answered.is(each, same))) {
            return new Breach(true, wanted() + Breach.UNANSWERED, List.of(rule.answered(), rule.when()));
        }
        Answer last = task.kept().find(rule.source(), same);
        String missed = last != null && rule.within().counts(last.atMillis(), task.nowMillis())
                ? missed(last, pair, task.answers())
                : none(last, task);
        List<String> unknown = task.unknown(
                answered,
                same,
                since -> (last == null || since >= last.atMillis())
                        && rule.within().counts(since, task.nowMillis()));
        // A call whose outcome is unknown may have brought an answer that nobody read.
        boolean otherwise =
                !unknown.isEmpty() && (missed == null) != (missed(Answer.SILENT, pair, task.answers()) == null);
        if (otherwise) {
            return Breach.unknown(unknown, wanted(), List.of(rule.answered(), rule.when()));
        }
        return missed == null ? null : breach(last != null, missed);
    }

    private String wanted() {
        return "`" + rule.when() + "` may be called only as the last answer of `" + rule.answered() + "` permits"
                + Breach.same(rule) + " (rule at " + rule.position() + ")";
    }

    private Breach breach(boolean answeredBefore, String why) {
        return new Breach(
                false,
                wanted() + "; " + why,
                answeredBefore ? List.of(rule.answered(), rule.when()) : List.of(rule.when()));
    }

    private String none(@Nullable Answer last, Surroundings task) {
        if (last == null && task.kept().isFull()) {
            return "no such answer is kept, and the task keeps no more than " + KeptAnswers.MAX + " answers";
        }
        return "there is no such answer" + (last == null ? "" : rule.within().words());
    }

    /** Why the answer does not permit the call; null if it does. */
    private @Nullable String missed(Answer last, Pair pair, AnswerValues keyed) {
        String first = null;
        for (Map<String, AnswerCondition> alternative : rule.alternatives()) {
            String missed = missed(alternative, last, pair, keyed);
            if (missed == null) {
                return null;
            }
            first = first == null ? missed : first;
        }
        return rule.alternatives().size() == 1 ? first : "none of the maps under `any` holds: " + first;
    }

    private @Nullable String missed(
            Map<String, AnswerCondition> alternative, Answer last, Pair pair, AnswerValues keyed) {
        for (Map.Entry<String, AnswerCondition> each : alternative.entrySet()) {
            AnswerCondition.Demand missed = each.getValue()
                    .missed(KeptAnswers.seen(rule.source(), each.getKey(), last, keyed), name -> scalars(pair, name));
            if (missed != null) {
                return "its `" + each.getKey() + "` must " + AnswerCondition.words(missed);
            }
        }
        return null;
    }

    /** The scalars that an argument equals: itself, and for a text of the request's head also the number that it spells. */
    private static List<JsonValue> scalars(Pair pair, String name) {
        JsonValue value = pair.arguments().get(name);
        if (value == null || value instanceof JsonObject || value instanceof JsonArray) {
            return List.of();
        }
        JsonNumber spelled =
                value instanceof JsonString text && pair.isText().test(name) ? Jcs.spelled(text.value()) : null;
        return spelled == null ? List.of(value) : List.of(value, spelled);
    }
}

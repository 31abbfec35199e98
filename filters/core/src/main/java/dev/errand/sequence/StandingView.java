package dev.errand.sequence;

import dev.errand.sequence.rule.AnswerValues;
import dev.errand.sequence.rule.KeptAnswers;
import dev.errand.sequence.rule.OperationKey;
import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.RuleContext;
import dev.errand.sequence.rule.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The facts of a task that rules see while one call is judged. Not thread-safe. */
final class StandingView implements RuleContext {
    private final SequencePosition position;
    private final AnswerValues answers;
    private final long nowMillis;
    private @Nullable List<List<Place>> unanswered;
    private @Nullable List<Unknown> unknown;
    private @Nullable Map<OperationKey, Open> open;

    StandingView(SequencePosition position, AnswerValues answers, long nowMillis) {
        this.position = position;
        this.answers = answers;
        this.nowMillis = nowMillis;
    }

    @Override
    public long nowMillis() {
        return nowMillis;
    }

    @Override
    public List<List<Place>> unanswered() {
        List<List<Place>> known = unanswered;
        if (known == null) {
            known = position.calls.isEmpty() ? List.of() : new ArrayList<>(position.calls.size());
            for (InFlight call : position.calls) {
                if (call.unanswered()) {
                    known.add(call.places());
                }
            }
            unanswered = known;
        }
        return known;
    }

    @Override
    public List<Unknown> unknown() {
        List<Unknown> known = unknown;
        if (known == null) {
            known = List.of();
            for (InFlight call : position.calls) {
                if (call.unknown()) {
                    known = known.isEmpty() ? new ArrayList<>() : known;
                    known.add(of(call));
                }
            }
            unknown = known;
        }
        return known;
    }

    /** A call whose outcome is unknown, as rules see it. */
    static Unknown of(InFlight call) {
        return new Unknown(Objects.requireNonNull(call.id()), call.places(), call.unknownMillis(), call.overtaken());
    }

    /** The operations of open calls by their value, for one key. */
    private static final class Open {
        private final Map<Value, Integer> unanswered = new HashMap<>();
        private final Map<Value, List<Unknown>> unknown = new HashMap<>();
    }

    /** Walks over the calls once for each key: a call may have 1,000 operations, and so may those in flight. */
    private Open open(OperationKey key) {
        Map<OperationKey, Open> all = open;
        if (all == null) {
            all = new IdentityHashMap<>(4);
            open = all;
        }
        Open known = all.get(key);
        if (known != null) {
            return known;
        }
        Open made = new Open();
        for (List<Place> call : unanswered()) {
            for (Place place : call) {
                if (key.is(place)) {
                    made.unanswered.merge(key.value(place), 1, Integer::sum);
                }
            }
        }
        for (Unknown call : unknown()) {
            for (Place place : call.places()) {
                if (key.is(place)) {
                    List<Unknown> calls = made.unknown.computeIfAbsent(key.value(place), each -> new ArrayList<>(1));
                    if (calls.isEmpty() || calls.get(calls.size() - 1) != call) {
                        calls.add(call);
                    }
                }
            }
        }
        all.put(key, made);
        return made;
    }

    @Override
    public int unanswered(OperationKey key, Value value) {
        return unanswered().isEmpty() ? 0 : open(key).unanswered.getOrDefault(value, 0);
    }

    @Override
    public List<Unknown> unknown(OperationKey key, Value value) {
        return unknown().isEmpty() ? List.of() : open(key).unknown.getOrDefault(value, List.of());
    }

    @Override
    public boolean isAnswering(Predicate<Place> test) {
        for (InFlight call : position.calls) {
            if ((call.unanswered() || call.returning())
                    && call.places().stream().anyMatch(test)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean mayBeGivenBack(long sentMillis) {
        for (InFlight call : position.calls) {
            if (call.sentMillis() == sentMillis && call.open()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public AnswerValues answers() {
        return answers;
    }

    @Override
    public KeptAnswers kept() {
        return position.kept;
    }
}

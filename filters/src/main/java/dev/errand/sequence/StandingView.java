package dev.errand.sequence;

import dev.errand.sequence.binding.AnswerValues;
import dev.errand.sequence.binding.Place;
import dev.errand.sequence.rule.Surroundings;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The facts of a task that rules see while one call is judged. Not thread-safe. */
final class StandingView implements Surroundings {
    private final Standing standing;
    private final AnswerValues answers;
    private final long nowMillis;
    private @Nullable List<List<Place>> unanswered;
    private @Nullable List<Unknown> unknown;

    StandingView(Standing standing, AnswerValues answers, long nowMillis) {
        this.standing = standing;
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
            known = standing.calls.isEmpty() ? List.of() : new ArrayList<>(standing.calls.size());
            for (InFlight call : standing.calls) {
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
            for (InFlight call : standing.calls) {
                if (call.unknown()) {
                    known = known.isEmpty() ? new ArrayList<>() : known;
                    known.add(of(call));
                }
            }
            unknown = known;
        }
        return known;
    }

    /** A call whose outcome nobody knows, as rules see it. */
    static Unknown of(InFlight call) {
        return new Unknown(Objects.requireNonNull(call.id()), call.places(), call.unknownMillis(), call.overtaken());
    }

    @Override
    public boolean isAnswering(Predicate<Place> test) {
        for (InFlight call : standing.calls) {
            if ((call.unanswered() || call.returning())
                    && call.places().stream().anyMatch(test)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean mayBeGivenBack(long sentMillis) {
        for (InFlight call : standing.calls) {
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
}

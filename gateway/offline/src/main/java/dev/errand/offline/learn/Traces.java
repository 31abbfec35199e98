package dev.errand.offline.learn;

import dev.errand.offline.replay.RecordedCall;
import dev.errand.offline.replay.RecordedTask;
import dev.errand.offline.replay.RecordedTask.CameTo;
import dev.errand.offline.replay.RecordedTask.Decided;
import dev.errand.offline.replay.RecordedTask.Event;
import dev.errand.offline.replay.RecordedTask.Known;
import dev.errand.sequence.SequenceCompiler;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The sequences of operations, in the order of sending, that a plan must permit so that it permits the recorded runs. A failed call
 * does not move a plan, and yet the plan must permit it at its place. A call that was made while others were unanswered, or behind
 * one that never was answered, must be permitted for every outcome of the others.
 *
 * @param words the sequences; a plan must permit each to its end
 * @param crowded operations with so many unanswered calls at once that their order cannot be known
 */
public record Traces(Set<List<String>> words, Set<String> crowded) {
    private static final int MAX_UNANSWERED = 4;
    private static final int MAX_BRANCHES = 2_000;
    private static final long GIVEN_UP_MILLIS = SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT.toMillis();

    public Traces {
        words = Set.copyOf(words);
        crowded = Set.copyOf(crowded);
    }

    /** The words of these tasks' permitted calls. */
    public static Traces of(List<RecordedTask> tasks) {
        Set<List<String>> words = new LinkedHashSet<>();
        Set<String> crowded = new LinkedHashSet<>();
        for (RecordedTask task : tasks) {
            new Run(words, crowded).walk(task);
        }
        return new Traces(words, crowded);
    }

    private enum Outcome {
        UNANSWERED,
        HAPPENED,
        FAILED
    }

    private static final class Sent {
        private final RecordedCall call;
        private Outcome outcome = Outcome.UNANSWERED;
        private boolean unknown;

        Sent(RecordedCall call) {
            this.call = call;
        }
    }

    /** One task's run. */
    private static final class Run {
        private final Set<List<String>> words;
        private final Set<String> crowded;
        private final List<Sent> sent = new ArrayList<>();
        private final List<Sent> unanswered = new ArrayList<>();
        private int branches;

        Run(Set<List<String>> words, Set<String> crowded) {
            this.words = words;
            this.crowded = crowded;
        }

        void walk(RecordedTask task) {
            Set<List<String>> aside = new LinkedHashSet<>();
            for (Event event : task.events()) {
                if (event instanceof CameTo outcome) {
                    settle(outcome);
                } else if (event instanceof Known known) {
                    settle(known.decision(), known.happened());
                } else if (event instanceof Decided decided
                        && decided.call().permit()
                        && !decided.call().pairs().isEmpty()) {
                    expire(decided.timeMillis());
                    branch(decided.call(), aside);
                    Sent one = new Sent(decided.call());
                    sent.add(one);
                    unanswered.add(one);
                }
            }
            List<String> whole = new ArrayList<>();
            for (Sent one : sent) {
                if (one.outcome == Outcome.HAPPENED) {
                    whole.addAll(one.call.operations());
                }
            }
            words.add(List.copyOf(whole));
            for (List<String> word : aside) {
                if (word.size() > whole.size() || !whole.subList(0, word.size()).equals(word)) {
                    words.add(word);
                }
            }
        }

        private void settle(CameTo outcome) {
            if (outcome.isUnanswered()) {
                // Nobody knows what it came to: it stays open.
                unanswered.stream()
                        .filter(one -> one.call.decision().equals(outcome.decision()))
                        .forEach(one -> one.unknown = true);
            } else {
                settle(outcome.decision(), outcome.happened());
            }
        }

        /** A call without any outcome in the log. */
        private void expire(long nowMillis) {
            unanswered.removeIf(one -> {
                boolean givenUp = !one.unknown && nowMillis - one.call.timeMillis() >= GIVEN_UP_MILLIS;
                one.outcome = givenUp ? Outcome.FAILED : Outcome.UNANSWERED;
                return givenUp;
            });
        }

        private void settle(String decision, boolean happened) {
            unanswered.removeIf(one -> {
                boolean found = one.call.decision().equals(decision);
                if (found) {
                    one.outcome = happened ? Outcome.HAPPENED : Outcome.FAILED;
                }
                return found;
            });
        }

        /** Adds the words that a plan must permit so that the call is permitted where it was made. */
        private void branch(RecordedCall call, Set<List<String>> aside) {
            if (unanswered.size() > MAX_UNANSWERED || branches > MAX_BRANCHES) {
                unanswered.forEach(one -> crowded.addAll(one.call.operations()));
                crowded.addAll(call.operations());
                return;
            }
            for (int outcomes = 0; outcomes < 1 << unanswered.size(); outcomes++) {
                List<String> word = new ArrayList<>();
                for (Sent one : sent) {
                    int at = one.outcome == Outcome.UNANSWERED ? unanswered.indexOf(one) : -1;
                    if (at < 0 ? one.outcome == Outcome.HAPPENED : (outcomes & 1 << at) != 0) {
                        word.addAll(one.call.operations());
                    }
                }
                word.addAll(call.operations());
                branches += aside.add(List.copyOf(word)) ? 1 : 0;
            }
        }
    }
}

package dev.errand.sequence.rule;

import static dev.errand.config.Keys.required;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code before} may be sent only if the last call that happened was {@code operation}. State: the values of that
 * call's operations; none if the last call was another one.
 */
record Previous(String operation, String before, List<String> same, boolean observe, Position position)
        implements Rule {
    /** The kind {@code previous}. */
    static final RuleKind KIND = new RuleKind(
            RuleKeys.of(
                    required("previous", RuleKeys.OPERATION, "The operation that must be the last one that happened."),
                    required("before", RuleKeys.OPERATION, "The operation that may be called only directly after it.")),
            Previous::read);

    public Previous {
        same = List.copyOf(same);
    }

    @Override
    public List<String> operations() {
        return List.of(operation, before);
    }

    @Override
    public RuleTerms terms() {
        return RuleTerms.of("previous");
    }

    @Override
    public String label() {
        return "previous: " + operation + ", before: " + before;
    }

    @Override
    public boolean looksAtAll() {
        return true;
    }

    @Override
    public String wanted() {
        return "`" + before + "` may be called only right behind a `" + operation + "` that succeeded";
    }

    @Override
    public RuleMonitor monitor(Vocabulary vocabulary) {
        return new Monitor(
                this, OperationKey.of(operation, same, vocabulary), OperationKey.of(before, same, vocabulary));
    }

    private static @Nullable Rule read(YamlMap map, RuleKind.Common common, Faults faults) {
        String operation = map.requiredString("previous", faults);
        String before = map.requiredString("before", faults);
        if (operation != null && operation.equals(before)) {
            faults.add(
                    map.at("before"), "`" + before + "` cannot come directly after itself: no call could be the first");
            return null;
        }
        return operation == null || before == null
                ? null
                : new Previous(operation, before, common.same(), common.observe(), common.position());
    }

    /**
     * The compiled {@link Previous}. State: the values of {@code operation} in the call that happened last; none if that
     * call had another operation. There are at most as many values as a call has operations. Cost: a look-up for each call
     * that is in flight or unknown. The outcome of every call of the task is awaited, which is one more step for each call.
     */
    private record Monitor(Previous rule, OperationKey operation, OperationKey before) implements RuleMonitor {
        @Override
        public boolean concerns(int symbol) {
            return true;
        }

        @Override
        public boolean awaits(Tally tally, Place place) {
            return true;
        }

        @Override
        public @Nullable Breach check(Tally tally, Pair pair, RuleContext task) {
            return check(tally, List.of(pair), task);
        }

        /**
         * Checks all pairs together: each of them must follow the same last call, whichever of the calls in flight that
         * will be.
         */
        @Override
        public @Nullable Breach check(Tally tally, List<Pair> call, RuleContext task) {
            Set<Value> wanted = new HashSet<>();
            for (Pair pair : call) {
                if (before.is(pair.place())) {
                    if (!before.isComplete(pair.place())) {
                        return breach(false);
                    }
                    wanted.add(before.value(pair.place()));
                }
            }
            if (wanted.isEmpty()) {
                return null;
            }
            boolean fits = tally.counts().keySet().containsAll(wanted);
            List<String> unknown = new ArrayList<>(0);
            boolean everyFits = fits;
            boolean someFit = fits;
            for (RuleContext.Unknown other : task.unknown()) {
                if (!other.overtaken()) {
                    boolean last = fits(other.places(), wanted);
                    unknown.add(other.decision());
                    everyFits &= last;
                    someFit |= last;
                }
            }
            // An unanswered call that happens is the last, whatever came before it. If none happens, all stays as it
            // is.
            boolean waits = everyFits;
            boolean none = everyFits;
            for (List<Place> other : task.unanswered()) {
                boolean last = fits(other, wanted);
                none &= last;
                waits |= last;
            }
            if (none) {
                return null;
            }
            return waits || !someFit
                    ? breach(waits)
                    : Breach.unknown(unknown, Breach.wanted(rule), List.of(rule.before()));
        }

        private boolean fits(List<Place> last, Set<Value> wanted) {
            return happened(Tally.EMPTY, last, 0).counts().keySet().containsAll(wanted);
        }

        @Override
        public boolean minds(Tally tally, Place place, RuleContext.Unknown call, long nowMillis) {
            return !call.overtaken();
        }

        private Breach breach(boolean waits) {
            return new Breach(
                    waits,
                    waits
                            ? Breach.wanted(rule) + "; a call is still unanswered: ask again once it is answered"
                            : Breach.wanted(rule),
                    List.of(rule.before()));
        }

        /** Another call happened later, so that one is the last. */
        @Override
        public Tally happenedBefore(Tally tally, List<Place> call, long atMillis) {
            return tally;
        }

        @Override
        public Tally happened(Tally tally, List<Place> call, long atMillis) {
            Tally last = call.size() == 1 ? Tally.EMPTY : Tally.EMPTY.working();
            for (Place place : call) {
                if (operation.is(place) && operation.isComplete(place)) {
                    last = last.with(operation.value(place));
                }
            }
            return last.counts().keySet().equals(tally.counts().keySet()) ? tally : last.done();
        }
    }
}

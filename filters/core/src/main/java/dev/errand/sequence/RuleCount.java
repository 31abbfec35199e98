package dev.errand.sequence;

import dev.errand.sequence.Plan.Asked;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.rule.Breach;
import dev.errand.sequence.rule.Counts;
import dev.errand.sequence.rule.Pair;
import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.RuleContext;
import dev.errand.sequence.rule.RuleMonitor;
import dev.errand.sequence.rule.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The rules' part of one call: the objections of the rules, and their counts once the call is permitted. Made for one
 * call; not thread-safe.
 */
final class RuleCount {
    private final RuleContext task;
    private final List<Tally> tallies;
    private final List<Pair> pairs;
    /** The places of the operations that are no dry runs, in order, as they are kept. */
    private final List<Place> places;

    private List<Objection> observed = List.of();
    private List<Objection> refusals = List.of();
    private boolean awaits;
    private boolean returnable;

    /** @param asked the operations in order, all with a place */
    RuleCount(List<RuleMonitor> rules, SequencePosition position, List<Asked> asked, RuleContext task) {
        this.task = task;
        this.places = new ArrayList<>(asked.size());
        for (Asked one : asked) {
            if (!one.dryRun()) {
                places.add(Objects.requireNonNull(one.place()));
            }
        }
        if (rules.isEmpty()) {
            tallies = position.tallies;
            pairs = List.of();
            return;
        }
        pairs = new ArrayList<>(asked.size());
        for (Asked one : asked) {
            pairs.add(new Pair(
                    Objects.requireNonNull(one.place()),
                    one.move().arguments(),
                    one.move().isText(),
                    one.dryRun()));
        }
        tallies = new ArrayList<>(position.tallies);
        for (int i = 0; i < rules.size(); i++) {
            List<Pair> concerned = concerned(rules.get(i));
            if (!concerned.isEmpty()) {
                boolean owes = judge(i, rules.get(i), tallies.get(i), concerned);
                tallies.set(i, sent(rules.get(i), tallies.get(i), owes));
            }
        }
    }

    private List<Pair> concerned(RuleMonitor rule) {
        int count = 0;
        for (Pair pair : pairs) {
            count += rule.concerns(pair.place().symbol()) ? 1 : 0;
        }
        if (count == pairs.size() || count == 0) {
            return count == 0 ? List.of() : pairs;
        }
        List<Pair> concerned = new ArrayList<>(count);
        for (Pair pair : pairs) {
            if (rule.concerns(pair.place().symbol())) {
                concerned.add(pair);
            }
        }
        return concerned;
    }

    /** Judges the call by one rule; true if an unknown outcome decides. */
    private boolean judge(int number, RuleMonitor rule, Tally tally, List<Pair> concerned) {
        Breach breach =
                concerned.size() == 1 ? rule.check(tally, concerned.get(0), task) : rule.check(tally, concerned, task);
        if (breach == null) {
            return false;
        }
        Objection objection = new Objection(
                switch (breach.grade()) {
                    case WAITS -> Kind.PENDING_RULE;
                    case UNKNOWN -> Kind.UNKNOWN_RULE;
                    case DEFINITE -> Kind.RULE;
                },
                rule.rule().position().inFile(),
                breach.detail(),
                breach.trace(),
                number,
                Counts.of(rule, tally, concerned, task),
                breach.unknown());
        if (rule.rule().observe()) {
            observed = observed.isEmpty() ? new ArrayList<>() : observed;
            observed.add(objection);
        } else {
            refusals = refusals.isEmpty() ? new ArrayList<>() : refusals;
            refusals.add(objection);
        }
        return breach.grade() == Breach.Grade.UNKNOWN;
    }

    private Tally sent(RuleMonitor rule, Tally before, boolean owes) {
        Tally tally = places.size() == 1 ? before : before.working();
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            if (rule.concerns(place.symbol())) {
                awaits |= rule.awaits(tally, place);
                returnable |= rule.countsSent(tally, place);
                Place noted = owes ? rule.owing(tally, place, task) : rule.noted(tally, place, task);
                tally = rule.sent(tally, noted, task);
                places.set(i, noted);
            }
        }
        return tally.done();
    }

    /** The objections of all enforced rules, in the template's order. */
    List<Objection> refusals() {
        return refusals;
    }

    /** The objections of all rules that are only observed. */
    List<Objection> observed() {
        return observed;
    }

    /** The count of each rule, including this call. */
    List<Tally> tallies() {
        return tallies;
    }

    /** The places of the call, as they are kept while it is in flight. */
    List<Place> places() {
        return places;
    }

    /** Whether a rule waits for the call's outcome. */
    boolean awaits() {
        return awaits;
    }

    /** Whether a rule counted the sending, so that the count can be given back. */
    boolean returnable() {
        return returnable;
    }
}

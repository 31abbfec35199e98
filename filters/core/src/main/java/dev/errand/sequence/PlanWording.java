package dev.errand.sequence;

import dev.errand.sequence.Plan.Misfit;
import dev.errand.sequence.SequencePolicy.Objection;
import dev.errand.sequence.SequencePolicy.Objection.Kind;
import dev.errand.sequence.rule.Breach;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Words the objections of a plan to a call. Immutable. */
final class PlanWording {
    private static final int SHOWN = 8;
    private static final int TRACE = 64;

    private final Automaton automaton;
    private final List<String> interleave;
    /** An edge of the last step; {@link Automaton#NONE} for a plan without steps. */
    private final int last;

    PlanWording(Automaton automaton, List<String> interleave) {
        this.automaton = automaton;
        this.interleave = List.copyOf(interleave);
        int latest = Automaton.NONE;
        for (int state = 0; state < automaton.states(); state++) {
            for (int edge = automaton.firstEdge(state); edge < automaton.endEdge(state); edge++) {
                boolean later = latest == Automaton.NONE || automaton.stepNumber(edge) > automaton.stepNumber(latest);
                latest = later ? edge : latest;
            }
        }
        this.last = latest;
    }

    /** The call fits for no outcome of the calls in flight. */
    Objection refused(Collection<Configuration> ways, List<Misfit> misfits) {
        Misfit shortest = shortest(misfits);
        Set<String> allowed = new LinkedHashSet<>();
        ways.forEach(way -> allowed.addAll(allowed(way)));
        boolean first = shortest.before().isEmpty();
        String detail = "`" + shortest.operation() + "` does not follow the plan, which "
                + stands(first ? misfits.get(0).at() : shortest.at())
                + (first ? "" : " after `" + String.join("`, `", clip(shortest.before())) + "` of the same call")
                + "; it allows "
                + list(first ? List.copyOf(allowed) : allowed(shortest.at()));
        return new Objection(Kind.PLAN, at(first ? misfits.get(0).at() : shortest.at()), detail, trace(shortest));
    }

    /** The call fits only for some outcomes of the calls in flight. */
    Objection pending(SequencePosition position, List<Misfit> misfits, List<String> unanswered) {
        Misfit shortest = shortest(misfits);
        String detail = "`" + shortest.operation() + "` must wait: whether it follows the plan depends on "
                + "`" + String.join("`, `", clip(unanswered)) + "`, still unanswered; the plan "
                + (position.settled == null ? "stands nowhere" : stands(position.settled))
                + "; ask again once the answer is there";
        return new Objection(
                Kind.PENDING, position.settled == null ? null : at(position.settled), detail, trace(shortest));
    }

    /** The call fits only for some outcomes of calls whose outcome is unknown. */
    Objection unknown(SequencePosition position, List<Misfit> misfits, List<String> decisions) {
        Misfit shortest = shortest(misfits);
        Configuration settled = Objects.requireNonNull(position.settled);
        List<String> told = told(decisions);
        String detail =
                "`" + shortest.operation() + "` follows the plan only for some outcomes of earlier calls; the plan "
                        + stands(settled) + Breach.unsettled(told);
        return new Objection(Kind.UNKNOWN, at(settled), detail, trace(shortest), told);
    }

    private static List<String> told(List<String> decisions) {
        return decisions.stream().limit(Breach.MOST_UNKNOWN).toList();
    }

    /** @param unknown the decisions of calls whose outcome is unknown; empty if waiting may help */
    Objection tooManyWays(String operation, int most, List<String> unknown) {
        return tooMany(operation, "leave more than " + most + " ways open for the plan", unknown);
    }

    private static Objection tooMany(String operation, String what, List<String> unknown) {
        return unknown.isEmpty()
                ? new Objection(
                        Kind.PENDING,
                        null,
                        "`" + operation + "` must wait: the calls of this task that are still unanswered " + what
                                + "; ask again once some are answered",
                        List.of(operation))
                : new Objection(
                        Kind.UNKNOWN,
                        null,
                        "`" + operation + "` must wait: the calls of this task whose outcome is unknown " + what
                                + Breach.unsettled(told(unknown)),
                        List.of(operation),
                        told(unknown));
    }

    /** The steps that fit now, each with a note if a binding restricts its arguments. */
    List<String> allowed(Configuration at) {
        List<String> allowed = new ArrayList<>();
        for (int edge = automaton.firstEdge(at.state); edge < automaton.endEdge(at.state); edge++) {
            allowed.add("`" + automaton.operation(edge) + "`" + bound(at, edge));
        }
        return allowed;
    }

    private String bound(Configuration at, int edge) {
        List<String> names = automaton.boundNames(edge, at.registers);
        return names.isEmpty() ? "" : " with the same " + String.join(" and ", names) + " as before";
    }

    /**
     * The position as the end of a sentence about the plan; its state is numbered as in records and {@code GET
     * /oauth2/task}.
     */
    String stands(Configuration at) {
        int lowest = lowest(at);
        if (lowest == Automaton.NONE) {
            return "is finished";
        }
        return "stands at state " + at.state + " of " + automaton.states() + " ("
                + automaton.step(lowest).position() + ")";
    }

    /** The edge of the first step that fits there; {@link Automaton#NONE} if the plan is finished. */
    private int lowest(Configuration at) {
        int lowest = Automaton.NONE;
        for (int edge = automaton.firstEdge(at.state); edge < automaton.endEdge(at.state); edge++) {
            boolean lower = lowest == Automaton.NONE || automaton.stepNumber(edge) < automaton.stepNumber(lowest);
            lowest = lower ? edge : lowest;
        }
        return lowest;
    }

    /** Where the plan's current step was written; the last step if the plan is finished. */
    private @Nullable String at(Configuration at) {
        int lowest = lowest(at);
        int edge = lowest == Automaton.NONE ? last : lowest;
        return edge == Automaton.NONE ? null : automaton.step(edge).position().inFile();
    }

    private String list(List<String> allowed) {
        String steps = String.join(" or ", clip(allowed));
        if (interleave.isEmpty()) {
            return allowed.isEmpty() ? "nothing more" : steps;
        }
        String anytime = "`" + String.join("`, `", clip(interleave)) + "`";
        return allowed.isEmpty() ? "only " + anytime : steps + ", and at any time " + anytime;
    }

    private static List<String> clip(List<String> names) {
        return names.size() <= SHOWN
                ? names
                : Stream.concat(names.stream().limit(SHOWN), Stream.of((names.size() - SHOWN) + " more"))
                        .toList();
    }

    private Misfit shortest(List<Misfit> misfits) {
        return misfits.stream()
                .min(Comparator.comparingInt(
                        misfit -> automaton.path(misfit.way().state).size()
                                + misfit.before().size()))
                .orElseThrow();
    }

    private List<String> trace(Misfit misfit) {
        List<String> trace = new ArrayList<>(automaton.path(misfit.way().state));
        trace.addAll(misfit.before());
        trace.add(misfit.operation());
        if (trace.size() <= TRACE) {
            return trace;
        }
        List<String> cut = new ArrayList<>(trace.subList(0, TRACE / 2));
        cut.add("… " + (trace.size() - TRACE) + " more");
        cut.addAll(trace.subList(trace.size() - TRACE / 2, trace.size()));
        return cut;
    }

    /**
     * There is no room to keep one more call whose outcome is awaited.
     *
     * @param unknown the decisions of calls whose outcome is unknown; empty if waiting may help
     */
    static Objection full(String operation, List<String> unknown) {
        return tooMany(
                operation,
                "are as many as can be kept (" + CompiledSequence.MAX_IN_FLIGHT + " calls, "
                        + CompiledSequence.MAX_PLACES + " operations)",
                unknown);
    }
}

package dev.errand.offline.audit;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The differences of one candidate that have one cause: the number of calls, their runs, and examples. Not thread-safe. */
final class CandidateFinding {
    /** How many runs are kept by name. Further ones are only counted, and a run may then be counted twice. */
    private static final int MAX_RUNS = 100_000;

    private final CandidateDifference.Kind kind;
    private final String cause;
    private final int examples;
    private final List<CandidateDifference> shown = new ArrayList<>();
    private final Set<String> runs = new LinkedHashSet<>();
    private long calls;
    private long more;
    private long partial;

    /** @param examples how many calls are kept */
    CandidateFinding(CandidateDifference.Kind kind, String cause, int examples) {
        this.kind = kind;
        this.cause = cause;
        this.examples = examples;
    }

    void add(CandidateDifference difference) {
        calls++;
        partial += difference.partial() ? 1 : 0;
        if (runs.size() < MAX_RUNS) {
            runs.add(difference.task());
        } else if (!runs.contains(difference.task())) {
            more++;
        }
        if (shown.size() < examples) {
            shown.add(difference);
        }
    }

    CandidateDifference.Kind kind() {
        return kind;
    }

    /** The objection that all these calls have in common. */
    String cause() {
        return cause;
    }

    long calls() {
        return calls;
    }

    /** How many runs the calls are of. */
    long runs() {
        return runs.size() + more;
    }

    /** The ids of the runs' tasks, in the order of the log; if there are very many, only the first ones. */
    Set<String> tasks() {
        return Collections.unmodifiableSet(runs);
    }

    /** How many of the calls are of runs that the candidate did not know from their beginning. */
    long partial() {
        return partial;
    }

    /** The first calls. */
    List<CandidateDifference> shown() {
        return List.copyOf(shown);
    }
}

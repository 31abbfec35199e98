package dev.errand.offline.judgement;

import dev.errand.offline.judgement.Corpus.Run;
import dev.errand.template.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * What a drafted candidate would have disturbed of good runs, as it was judged beside the running template.
 *
 * @param own how many of the runs that it was made from; each run is judged once for each part that it is taught in
 * @param held how many of those that it was not made from
 */
record CandidateRow(String name, int own, int ownRuns, int held, int heldRuns) {
    static final String HEAD = "%-40s %18s %18s%n".formatted("candidate", "runs it is made of", "held out");

    /**
     * Judges candidates of every task and part.
     *
     * @param draft the text of the candidate that some runs of a task make
     */
    static CandidateRow of(String name, List<Run> good, int parts, BiFunction<String, List<Run>, String> draft) {
        int own = 0;
        int ownRuns = 0;
        int disturbed = 0;
        int heldRuns = 0;
        for (String task : Corpus.TASKS) {
            List<Run> runs =
                    good.stream().filter(run -> run.task().equals(task)).toList();
            Template running = Desk.template(Desk.wide(task));
            for (int part = 0; part < parts; part++) {
                List<Run> taught = new ArrayList<>();
                List<Run> held = new ArrayList<>();
                for (int i = 0; i < runs.size(); i++) {
                    (i % parts == part ? held : taught).add(runs.get(i));
                }
                CandidateBench bench = new CandidateBench(running, Desk.candidate(draft.apply(task, taught)));
                own += (int) taught.stream().filter(bench::disturbs).count();
                ownRuns += taught.size();
                disturbed += (int) held.stream().filter(bench::disturbs).count();
                heldRuns += held.size();
            }
        }
        return new CandidateRow(name, own, ownRuns, disturbed, heldRuns);
    }

    double heldShare() {
        return 100.0 * held / heldRuns;
    }

    String line() {
        return "%-40s %18s %18s%n".formatted(name, told(own, ownRuns), told(held, heldRuns));
    }

    private static String told(int count, int runs) {
        return "%d/%d %.1f%%".formatted(count, runs, 100.0 * count / runs);
    }
}

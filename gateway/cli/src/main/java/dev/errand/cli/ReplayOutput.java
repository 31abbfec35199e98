package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.Printable;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Redecision.Kind;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The output of {@code errand replay}. It is printed decision by decision, so that no decision is kept. Not
 * thread-safe.
 */
final class ReplayOutput {
    /** The largest number of separate causes. */
    private static final int MAX_CAUSES = 10_000;

    private final PrintWriter out;
    private final boolean json;
    private final Map<Cause, Example> causes = new LinkedHashMap<>();
    private long others;
    private long decisions;
    private long differ;
    private long permitted;
    private long carried;

    /**
     * @param json whether all decisions are printed, as one JSON array; else a line for each decision that differs, and one
     *     for all that cannot be decided again for the same cause
     */
    ReplayOutput(PrintWriter out, boolean json) {
        this.out = out;
        this.json = json;
    }

    void tell(Redecision decision) {
        decisions++;
        differ += decision.kind() == Kind.DIFFERS ? 1 : 0;
        permitted += decision.refusesPermitted() ? 1 : 0;
        carried += decision.kind() == Kind.NOT_REDECIDABLE ? 1 : 0;
        if (json) {
            out.print(decisions == 1 ? "[" : ",");
            out.print(Printable.line(Jcs.canonical(decision.toJson())));
        } else if (decision.kind() == Kind.DIFFERS) {
            out.println(decision.toText());
        } else if (decision.kind() != Kind.SAME) {
            Cause cause = Cause.of(decision);
            if (causes.containsKey(cause) || causes.size() < MAX_CAUSES) {
                causes.computeIfAbsent(cause, first -> new Example(decision.toText())).count++;
            } else {
                others++;
            }
        }
    }

    /** What decisions have in common that cannot be decided again for the same reason. */
    private record Cause(List<String> operations, String outcome, String why) {
        private static final Pattern VALUE = Pattern.compile("'[^']*'$|d-[A-Za-z0-9_-]+");

        static Cause of(Redecision one) {
            String outcome =
                    one.recorded().permit() + " " + one.recorded().code() + " " + one.permit() + " " + one.code();
            return new Cause(
                    one.recorded().operations(),
                    outcome,
                    VALUE.matcher(one.why()).replaceAll("…"));
        }
    }

    /** The first decision of a cause, and how many decisions it has. */
    private static final class Example {
        private final String first;
        private long count;

        Example(String first) {
            this.first = first;
        }
    }

    boolean differs() {
        return differ > 0;
    }

    /** @param unverified the number of decisions about callers who were not verified */
    void end(long unverified) {
        if (json) {
            out.println(decisions == 0 ? "[]" : "]");
            return;
        }
        causes.values()
                .forEach(told ->
                        out.println(told.first + (told.count == 1 ? "" : "  (" + told.count + " decisions alike)")));
        if (others > 0) {
            out.println(others + " more, of other causes");
        }
        out.println(decisions + " decisions, " + differ + " differ, " + permitted
                + " of them among permitted calls; " + carried + " not re-decidable"
                + (unverified == 0 ? "" : "; " + unverified + " about unverified callers, whom no template judges"));
    }
}

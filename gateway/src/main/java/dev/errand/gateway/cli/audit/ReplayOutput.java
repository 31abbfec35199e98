package dev.errand.gateway.cli.audit;

import dev.errand.json.Jcs;
import dev.errand.offline.replay.Redecision;
import dev.errand.offline.replay.Redecision.Kind;
import dev.errand.text.Printable;
import java.io.PrintWriter;

/** What {@code errand replay} prints, decision by decision, so that none is kept. Not thread-safe. */
final class ReplayOutput {
    private final PrintWriter out;
    private final boolean json;
    private long decisions;
    private long differ;
    private long permitted;
    private long carried;

    /** @param json whether all decisions are printed, as one JSON array; else a line for each that is not the same */
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
        } else if (decision.kind() != Kind.SAME) {
            out.println(decision.toText());
        }
    }

    boolean differs() {
        return differ > 0;
    }

    /** @param unverified decisions about callers who were not verified */
    void end(long unverified) {
        if (json) {
            out.println(decisions == 0 ? "[]" : "]");
            return;
        }
        out.println(decisions + " decisions, " + differ + " differ, " + permitted
                + " of them among permitted calls; " + carried + " not re-decidable"
                + (unverified == 0 ? "" : "; " + unverified + " about unverified callers, whom no template judges"));
    }
}

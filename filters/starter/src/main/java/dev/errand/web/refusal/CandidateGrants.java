package dev.errand.web.refusal;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.operation.OperationCall;
import dev.errand.token.Capability;
import dev.errand.token.Capability.Check;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges the operations of a call by the grants of a template, without a token. Pure. */
final class CandidateGrants {
    private CandidateGrants() {}

    /**
     * Why the grants refuse the call, or null. An operation that is not granted comes before an argument that is not
     * granted.
     */
    static @Nullable Denial refuse(Capability grants, List<OperationCall> calls) {
        List<String> lacking = new ArrayList<>(0);
        Denial violated = null;
        for (OperationCall pair : calls) {
            violated = refuse(grants, pair, lacking, violated);
            for (OperationCall also : pair.also()) {
                violated = refuse(grants, also, lacking, violated);
            }
        }
        return lacking.isEmpty()
                ? violated
                : new Denial(DenyReason.NOT_GRANTED, "6b", "the candidate does not grant " + String.join(" ", lacking));
    }

    private static @Nullable Denial refuse(
            Capability grants, OperationCall pair, List<String> lacking, @Nullable Denial earlier) {
        String id = pair.operation().id();
        Check check = grants.check(id, pair.judged(), pair.folding());
        if (check instanceof Check.NoSuchTool && !lacking.contains(id)) {
            lacking.add(id);
        }
        return earlier == null && check instanceof Check.Violated broken
                ? new Denial(
                        DenyReason.CONSTRAINT_VIOLATED,
                        "6b",
                        "the candidate grants " + id + " only with another value of '" + broken.argument() + "'")
                : earlier;
    }
}

package dev.errand.offline.audit;

import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One recorded decision that a candidate decides differently. Immutable.
 *
 * @param kind how the candidate's decision compares
 * @param cause the objection: the place of a rule or of a plan's step, or the code and what it is about
 * @param was the decision that was made: {@code permit}, or the code of the refusal
 * @param would the candidate's decision, in the same words
 * @param partial whether the candidate did not know all calls of the run
 */
record CandidateDifference(
        String revision,
        Kind kind,
        String cause,
        String decision,
        String time,
        String task,
        List<String> operations,
        List<String> resources,
        String was,
        String would,
        @Nullable String detail,
        boolean partial) {
    private static final Pattern PLACE = Pattern.compile("[^\\s()`'\",]+\\.ya?ml:[0-9]+");
    private static final Pattern LIMIT = Pattern.compile("the (?:limit|capacity [0-9]+ of the limit) '([^']{1,200})'");

    /** How a candidate's decision compares with the one that was made. */
    enum Kind {
        /** The candidate would refuse a call that was permitted. */
        STRICTER,
        /** The candidate would permit a call that was refused. */
        LOOSER,
        /** Both permit the call or both refuse it, with different codes. */
        OTHERWISE
    }

    /** The difference that a decision's record shows; null where it shows none. */
    static @Nullable CandidateDifference of(JsonObject record) {
        JsonObject candidate = record.object("candidate");
        String revision = candidate == null ? null : candidate.string("revision");
        if (candidate == null || revision == null) {
            return null;
        }
        boolean passed = RecordFields.isPermit(record);
        boolean would = RecordFields.isPermit(candidate);
        Kind kind = passed == would ? Kind.OTHERWISE : passed ? Kind.STRICTER : Kind.LOOSER;
        List<String> operations = RecordFields.operations(record);
        JsonObject objects = kind == Kind.LOOSER || candidate.string("code") == null ? record : candidate;
        return new CandidateDifference(
                revision,
                kind,
                cause(objects, operations),
                String.valueOf(record.string("decision")),
                String.valueOf(record.string("time")),
                String.valueOf(record.string("task")),
                operations,
                RecordFields.resources(record),
                word(record, passed),
                word(candidate, would),
                objects.string("detail"),
                new JsonBoolean(true).equals(candidate.get("partial")));
    }

    private static String word(JsonObject said, boolean permit) {
        String code = said.string("code");
        return permit ? code == null ? "permit" : "permit, observed " + code : String.valueOf(code);
    }

    /** The objection: its place in the template if there is one, else its code and subject. */
    private static String cause(JsonObject objects, List<String> operations) {
        String code = String.valueOf(objects.string("code"));
        String detail = String.valueOf(objects.string("detail"));
        String rule = objects.string("rule");
        if (rule != null) {
            return rule + " " + code;
        }
        if (code.equals("sequence-violation") || code.equals("rule-violation")) {
            Matcher place = PLACE.matcher(detail);
            return place.find() ? place.group() + " " + code : code;
        }
        Matcher limit = LIMIT.matcher(detail.replaceFirst("^The", "the"));
        if (limit.find()) {
            return code + " by the limit '" + limit.group(1) + "'";
        }
        return operations.isEmpty() || code.equals("budget-exhausted")
                ? code
                : code + " of " + String.join(" ", operations);
    }
}

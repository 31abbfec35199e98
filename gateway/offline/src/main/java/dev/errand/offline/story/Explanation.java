package dev.errand.offline.story;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.TextPage;
import dev.errand.log.RecordFields;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why one call was permitted or denied: each check in order, what it looked at, what it found, and the rule it applied.
 * Immutable and thread-safe.
 *
 * @param decision its id
 * @param verdict one line
 * @param checks in the order in which they were made
 * @param policy the template's revision, and whether the rules shown are those of this revision
 */
public record Explanation(String decision, String verdict, List<Step> checks, String policy) {
    public Explanation {
        checks = List.copyOf(checks);
    }

    /** The result of a check. */
    public enum Result {
        PASSED,
        REFUSED,
        /** The check would have refused the call; it was only observed. */
        OBSERVED,
        NOT_REACHED
    }

    /**
     * One check.
     *
     * @param input what it looked at, from the record; null if the record has nothing of it
     * @param rules the rules it applied, with file and line; empty without the configuration
     */
    public record Step(
            String check, Result result, @Nullable String input, List<String> rules) {
        public Step {
            rules = List.copyOf(rules);
        }
    }

    /**
     * Explains a decision.
     *
     * @param record the decision's record
     * @param outcome the record of the call's outcome, or null
     * @param untrusted the record of the decision that brought untrusted content to the task, or null
     * @param template the template it names, or null if the configuration is not given or has none of that name
     */
    public static Explanation of(
            JsonObject record,
            @Nullable JsonObject outcome,
            @Nullable JsonObject untrusted,
            @Nullable TemplateLines template) {
        RecordReading reading = new RecordReading(record, untrusted);
        boolean same = template != null && template.template().revision().equals(record.string("revision"));
        RuleLines rules = same && template != null ? new RuleLines(template, reading) : null;
        boolean permit = RecordFields.isPermit(record);
        String code = record.string("code");
        Check stopped = code == null ? null : Check.of(code, record.object("human") != null);
        List<Step> steps = new ArrayList<>();
        for (Check check : Check.values()) {
            if (check == Check.UPSTREAM
                    || (check == Check.APPROVAL && stopped != Check.APPROVAL && reading.approval() == null)) {
                continue;
            }
            Result result = result(check, stopped, permit);
            String input = result == Result.NOT_REACHED ? null : reading.input(check);
            steps.add(new Step(check.text(), result, input, lines(check, check == stopped, input, rules, reading)));
        }
        return new Explanation(
                String.valueOf(record.string("decision")),
                reading.verdict(outcome),
                steps,
                policy(record, template, same) + beside(record));
    }

    /**
     * First the rule that objected, then the rules that the check applied, then the detail that the holder was told. For the
     * operation the headers that were removed.
     */
    private static List<String> lines(
            Check check, boolean stopped, @Nullable String input, @Nullable RuleLines rules, RecordReading reading) {
        List<String> lines = new ArrayList<>();
        String objected = stopped ? reading.record().string("rule") : null;
        if (objected != null) {
            lines.add("objected: " + (rules == null ? objected : rules.named(objected)));
        }
        List<String> removed = RecordFields.removed(reading.record());
        if (check == Check.OPERATION && !removed.isEmpty()) {
            lines.add("without the headers: " + String.join(", ", removed));
        }
        if (rules != null && input != null && !(objected != null && check == Check.RULES)) {
            lines.addAll(rules.of(check));
        }
        String detail = stopped ? reading.record().string("detail") : null;
        if (detail != null) {
            lines.add((RecordFields.isPermit(reading.record()) ? "would have been told: " : "told: ") + detail);
        }
        return lines;
    }

    private static Result result(Check check, @Nullable Check stopped, boolean permit) {
        if (stopped == null || check.compareTo(stopped) < 0 || (permit && check != stopped)) {
            return Result.PASSED;
        }
        return check == stopped ? (permit ? Result.OBSERVED : Result.REFUSED) : Result.NOT_REACHED;
    }

    private static String policy(JsonObject record, @Nullable TemplateLines template, boolean same) {
        String name = record.string("template");
        if (name == null) {
            return "the call was judged by no template";
        }
        String revision = "template " + name + " revision " + record.string("revision");
        if (template == null) {
            return revision + "; its file is not at hand";
        }
        return same
                ? revision
                : revision + "; the configuration holds another: "
                        + template.template().revision();
    }

    /** The different decision of the template's candidate, as the end of a sentence; empty if there is none. */
    private static String beside(JsonObject record) {
        JsonObject candidate = record.object("candidate");
        if (candidate == null) {
            return "";
        }
        String code = candidate.string("code");
        String detail = candidate.string("detail");
        return "; the candidate " + candidate.string("revision") + " says " + candidate.string("outcome")
                + (code == null ? "" : " " + code)
                + (detail == null ? "" : ": " + detail);
    }

    /** The explanation as JSON. */
    public JsonObject toJson() {
        List<JsonValue> steps = new ArrayList<>();
        for (Step step : checks) {
            JsonMembers members = new JsonMembers();
            members.put("check", step.check());
            members.put("result", word(step.result()));
            members.orNull("input", step.input());
            members.put(
                    "rules",
                    new JsonArray(step.rules().stream()
                            .map(rule -> (JsonValue) new JsonString(rule))
                            .toList()));
            steps.add(members.toJson());
        }
        JsonMembers members = new JsonMembers();
        members.put("decision", decision);
        members.put("verdict", verdict);
        members.put("checks", new JsonArray(steps));
        members.put("policy", policy);
        return members.toJson();
    }

    /** The explanation for people: one line per check, its rules below it. */
    public String toText() {
        TextPage page = new TextPage().line(decision, "  ", verdict);
        int number = 1;
        for (Step step : checks) {
            page.line(
                    String.format("%3d  %-20s %-12s", number++, step.check(), word(step.result())),
                    step.input() == null ? "" : step.input());
            step.rules().forEach(rule -> page.line("       ", rule));
        }
        return page.line("     ", policy).toString();
    }

    private static String word(Result result) {
        return switch (result) {
            case PASSED -> "passed";
            case REFUSED -> "refused";
            case OBSERVED -> "observed";
            case NOT_REACHED -> "not reached";
        };
    }
}

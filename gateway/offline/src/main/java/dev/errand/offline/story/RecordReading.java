package dev.errand.offline.story;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.RecordFields;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The record of a decision in words. Immutable.
 *
 * @param untrusted the record of the decision that brought untrusted content to the task, or null
 */
record RecordReading(JsonObject record, @Nullable JsonObject untrusted) {
    /** The operation ids, one per pair. */
    List<String> operations() {
        return RecordFields.operations(record);
    }

    String verdict(@Nullable JsonObject outcome) {
        String code = record.string("code");
        String step = record.string("step");
        String reaction = record.string("reaction");
        String led = reaction == null ? "" : ", reaction " + reaction;
        if (RecordFields.isWaiting(record)) {
            return "waits for a human's approval, at " + record.string("time") + "; the record counts "
                    + RecordFields.count(record) + " such calls";
        }
        if (!RecordFields.isPermit(record)) {
            return "denied: " + code + (step == null ? "" : " (" + step + ")") + led + ", at " + record.string("time");
        }
        String observed = (code == null ? "" : " (only observed: " + code + led + ")")
                + (RecordFields.isOver(record) ? " (enforced, the task would have ended before)" : "");
        if (outcome == null) {
            return "permitted" + observed + " at " + record.string("time") + ", no outcome recorded";
        }
        String status = outcome.get("upstream_status") instanceof JsonNumber number
                ? "the upstream answered " + number.text()
                : "the upstream did not answer";
        return "permitted" + observed + " at " + record.string("time") + ", " + status;
    }

    /** What the check looked at, as far as the record has it. */
    @Nullable String input(Check check) {
        return switch (check) {
            case REQUEST -> shown("method") + " on route " + shown("route");
            case CHAIN -> chain();
            case PROOF -> record.string("holder") == null ? null : "key " + record.string("holder");
            case IDENTITY -> attested();
            case OPERATION, GRANT -> record.string("operation");
            case ARGUMENTS -> arguments();
            case TASK -> record.string("task") == null ? null : "task " + record.string("task");
            case BUDGETS, RATES -> left();
            case PLAN, RULES -> state();
            case FLOW -> integrity();
            case APPROVAL -> approval();
            case UPSTREAM -> null;
        };
    }

    /** Who approved the call; null if it passed without an approval. */
    @Nullable String approval() {
        JsonObject approval = record.object("approval");
        if (approval == null) {
            return null;
        }
        List<String> names = new ArrayList<>();
        if (approval.get("by") instanceof JsonArray by) {
            by.values().forEach(each -> {
                if (each instanceof JsonObject human) {
                    names.add(human.string("sub") + " at " + human.string("iss"));
                }
            });
        }
        JsonObject offer = approval.object("offer");
        String many = offer == null
                ? ""
                : ", as call " + number(offer, "used") + " of " + number(offer, "calls")
                        + " that were approved at once";
        return "approved by " + String.join(" and ", names) + many + ", request " + approval.string("id") + ", digest "
                + approval.string("digest");
    }

    private static String number(JsonObject object, String name) {
        return Jcs.canonical(Objects.requireNonNullElse(object.get(name), JsonNull.NULL));
    }

    private String shown(String name) {
        String value = record.string(name);
        return value == null ? "none" : value;
    }

    private @Nullable String chain() {
        JsonObject human = record.object("human");
        if (human == null) {
            return null;
        }
        String anchor = record.string("anchor");
        List<String> names = new ArrayList<>();
        names.add(human.string("sub") + " at " + human.string("iss")
                + (anchor == null ? "" : " (by the word of the anchor " + anchor + ")"));
        RecordFields.agents(record).stream().map(RecordFields::name).forEach(names::add);
        return String.join(" -> ", names);
    }

    private @Nullable String attested() {
        List<JsonObject> agents = RecordFields.agents(record);
        if (agents.isEmpty()) {
            return null;
        }
        JsonObject leaf = agents.get(agents.size() - 1);
        boolean attested = leaf.get("attested") instanceof JsonBoolean flag && flag.value();
        return leaf.string("sub") + (attested ? ", attested" : ", not attested");
    }

    private @Nullable String arguments() {
        if (!(record.get("resource") instanceof JsonArray)) {
            return null;
        }
        String hash = record.string("args_hash");
        JsonValue recorded = record.get("arguments");
        String values =
                recorded == null || recorded instanceof JsonValue.JsonNull ? "" : " with " + Jcs.canonical(recorded);
        return "resource " + names(record) + (hash == null ? "" : ", arguments " + hash + values);
    }

    private static String names(JsonObject record) {
        List<String> resources = RecordFields.resources(record);
        return resources.isEmpty() ? "none" : String.join(", ", resources);
    }

    private @Nullable String left() {
        JsonValue budgets = record.get("budgets");
        return budgets == null || budgets instanceof JsonNull ? null : "left " + Jcs.canonical(budgets);
    }

    private @Nullable String state() {
        String before = record.string("state_before");
        return before == null ? null : "state " + before + " -> " + record.string("state_after");
    }

    private @Nullable String integrity() {
        JsonObject instruction = record.object("instruction");
        String told = instruction == null
                ? "no instruction"
                : "instruction from " + instruction.string("source") + ", " + instruction.string("integrity");
        if (!UntrustedContent.reached(record)) {
            return told;
        }
        return told + "; untrusted content has reached the task"
                + (untrusted == null
                        ? ", by a decision that this log does not hold"
                        : " by " + untrusted.string("operation") + " on " + names(untrusted) + " at "
                                + untrusted.string("time") + ", decision " + untrusted.string("decision"));
    }
}

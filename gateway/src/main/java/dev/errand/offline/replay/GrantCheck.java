package dev.errand.offline.replay;

import dev.errand.delegation.Capability;
import dev.errand.delegation.ToolGrant;
import dev.errand.delegation.constraint.CapabilityParser;
import dev.errand.delegation.constraint.MalformedConstraintException;
import dev.errand.denial.DenyReason;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.task.approval.AlwaysAsked;
import dev.errand.task.template.GrantTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a root under a template would be granted, asked about recorded calls: the same check as of a live call, where
 * the record tells enough for it. Immutable.
 */
final class GrantCheck {
    private final GrantTemplate grants;
    private final Map<String, String> parameters;
    private final Capability capability;
    private final Function<String, Folding> foldings;

    /** @param foldings of an operation, by its id: which spellings of a resource are one to its upstream */
    GrantCheck(GrantTemplate grants, Map<String, String> parameters, Function<String, Folding> foldings) {
        this.foldings = foldings;
        this.grants = grants;
        this.parameters = Map.copyOf(parameters);
        this.capability = parse(grants.fill(parameters));
    }

    /** What a grant says of a call. */
    sealed interface Verdict {
        record Granted() implements Verdict {}

        record Refused(DenyReason reason, String why) implements Verdict {}

        /** The record does not tell enough. */
        record Unknown(String why) implements Verdict {}
    }

    Verdict check(RecordedCall call) {
        List<String> lacking = new ArrayList<>();
        Verdict verdict = new Verdict.Granted();
        for (RecordedCall.Pair pair : call.pairs()) {
            ToolGrant grant = capability.tools().get(pair.operation());
            if (grant == null) {
                lacking.add(pair.operation());
                continue;
            }
            Verdict one = check(pair, grant, call.argumentsKnown());
            if (one instanceof Verdict.Refused || verdict instanceof Verdict.Granted) {
                verdict = verdict instanceof Verdict.Refused ? verdict : one;
            }
        }
        return lacking.isEmpty()
                ? verdict
                : new Verdict.Refused(
                        DenyReason.NOT_GRANTED,
                        "the template does not grant "
                                + String.join(" ", lacking.stream().distinct().toList()));
    }

    private Verdict check(RecordedCall.Pair pair, ToolGrant grant, boolean known) {
        JsonObject written = grants.tools().getOrDefault(pair.operation(), JsonObject.EMPTY);
        List<String> missing = TaskParameters.named(written).stream()
                .filter(name -> !parameters.containsKey(name))
                .distinct()
                .toList();
        if (!missing.isEmpty()) {
            return TaskParameters.couldAdmit(grants, pair)
                    ? new Verdict.Unknown("no permitted call of the task shows its parameter " + missing.get(0))
                    : violated(pair, "resource");
        }
        if (known) {
            return check(grant, pair) instanceof Capability.Check.Violated broken
                    ? violated(pair, broken.argument())
                    : new Verdict.Granted();
        }
        return partly(pair, written);
    }

    /** The arguments are more than the resource, or not the resource at all: only their hash is in the record. */
    private Verdict partly(RecordedCall.Pair pair, JsonObject written) {
        if (written.members().isEmpty()) {
            return new Verdict.Granted();
        }
        boolean own = pair.operation().contains(":tools.call/");
        JsonObject resource = written.object("resource");
        if (!own && !pair.isCut() && resource != null) {
            ToolGrant alone = parse(new GrantTemplate(
                                    Map.of(),
                                    Map.of(pair.operation(), new JsonObject(Map.of("resource", resource))),
                                    AlwaysAsked.NONE)
                            .fill(parameters))
                    .tools()
                    .get(pair.operation());
            if (alone != null && check(alone, pair) instanceof Capability.Check.Violated) {
                return violated(pair, "resource");
            }
        }
        boolean open = written.get("*") != null;
        boolean nothingElse = written.members().keySet().stream()
                .allMatch(name -> name.equals("*") || (!own && !pair.isCut() && name.equals("resource")));
        return open && nothingElse
                ? new Verdict.Granted()
                : new Verdict.Unknown(
                        "arguments of " + pair.operation() + " beside the resource are not in the record");
    }

    private Capability.Check check(ToolGrant grant, RecordedCall.Pair pair) {
        Folding folding = foldings.apply(pair.operation());
        return grant.folded(folding).check(folding.ofArguments(RecordedCall.argument(pair)));
    }

    private static Verdict violated(RecordedCall.Pair pair, String argument) {
        return new Verdict.Refused(
                DenyReason.CONSTRAINT_VIOLATED,
                "the template grants " + pair.operation() + " only with another value of '" + argument + "'"
                        + (argument.equals("resource") ? ", this was '" + pair.resource() + "'" : ""));
    }

    private static Capability parse(JsonObject tools) {
        try {
            return CapabilityParser.parse(new JsonObject(Map.of("tools", tools)), CapabilityParser.MAX_NESTING);
        } catch (MalformedConstraintException e) {
            throw new IllegalStateException("a template that loaded grants what is malformed", e);
        }
    }
}

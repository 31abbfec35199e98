package dev.errand.offline.replay;

import dev.errand.denial.DenyReason;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.GrantDecision;
import dev.errand.task.AlwaysAsked;
import dev.errand.task.PinnedArguments;
import dev.errand.template.GrantTemplate;
import dev.errand.token.Capability;
import dev.errand.token.CapabilityParser;
import dev.errand.token.MalformedConstraintException;
import dev.errand.token.ParameterValue;
import dev.errand.token.ToolGrant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Checks recorded calls against what a root under a template would be granted. The check is that of a live call, if the record
 * has enough for it. Parsed grants are kept for the next calls of the task. Not thread-safe.
 */
final class GrantCheck {
    private final GrantTemplate grants;
    private final Map<String, ParameterValue> parameters;
    private final Capability capability;
    private final Function<String, Folding> foldings;
    private final Map<String, List<String>> missing = new HashMap<>();
    /** Grants that look only at some arguments of an operation, by the operation and the arguments' names. */
    private final Map<String, ToolGrant> parts = new HashMap<>();

    /** @param foldings gives for an operation's id which spellings of a resource are the same to its upstream */
    GrantCheck(GrantTemplate grants, Map<String, ParameterValue> parameters, Function<String, Folding> foldings) {
        this.foldings = foldings;
        this.grants = grants;
        this.parameters = Map.copyOf(parameters);
        this.capability = parse(grants.fill(parameters));
    }

    /** The result of checking a call against its grant. */
    sealed interface Verdict {
        record Granted() implements Verdict {}

        record Refused(DenyReason reason, String why) implements Verdict {}

        /** The record does not have enough to decide. */
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
                        GrantDecision.notGranted(
                                "the template", lacking.stream().distinct().toList()));
    }

    private Verdict check(RecordedCall.Pair pair, ToolGrant grant, boolean known) {
        JsonObject written = grants.tools().getOrDefault(pair.operation(), JsonObject.EMPTY);
        List<String> lacking = missing.computeIfAbsent(pair.operation(), id -> missing(written));
        if (!lacking.isEmpty()) {
            return TaskParameters.couldAdmit(grants, pair)
                    ? new Verdict.Unknown("no permitted call of the task shows its parameter " + lacking.get(0))
                    : violated(pair, "resource");
        }
        if (known) {
            return check(grant, pair) instanceof Capability.Check.Violated broken
                    ? violated(pair, broken.argument())
                    : new Verdict.Granted();
        }
        return partly(pair, written);
    }

    private List<String> missing(JsonObject written) {
        return TaskParameters.named(written).stream()
                .filter(name -> !parameters.containsKey(name))
                .distinct()
                .toList();
    }

    /** Checks a call if its record has only some of the arguments, and the hash of all. */
    private Verdict partly(RecordedCall.Pair pair, JsonObject written) {
        if (written.members().isEmpty()) {
            return new Verdict.Granted();
        }
        Map<String, JsonValue> known = new LinkedHashMap<>(pair.arguments().members());
        if (pair.isCut()) {
            known.remove("resource");
        }
        Map<String, JsonValue> told = new LinkedHashMap<>(written.members());
        told.keySet().retainAll(known.keySet());
        if (!told.isEmpty()) {
            known.keySet().retainAll(told.keySet());
            ToolGrant alone = parts.computeIfAbsent(
                    pair.operation() + ' ' + told.keySet(), unused -> part(pair.operation(), new JsonObject(told)));
            if (alone != null
                    && check(alone, pair.operation(), new JsonObject(known))
                            instanceof Capability.Check.Violated broken) {
                return violated(pair, broken.argument());
            }
        }
        boolean open = written.get("*") != null;
        boolean nothingElse =
                written.members().keySet().stream().allMatch(name -> name.equals("*") || told.containsKey(name));
        return open && nothingElse
                ? new Verdict.Granted()
                : new Verdict.Unknown(
                        "arguments of " + pair.operation() + " beside the resource are not in the record");
    }

    private @Nullable ToolGrant part(String operation, JsonObject told) {
        return parse(new GrantTemplate(
                                Map.of(), Map.of(operation, told), AlwaysAsked.NONE, PinnedArguments.NONE, List.of())
                        .fill(parameters))
                .tools()
                .get(operation);
    }

    private Capability.Check check(ToolGrant grant, RecordedCall.Pair pair) {
        return check(grant, pair.operation(), pair.arguments());
    }

    private Capability.Check check(ToolGrant grant, String operation, JsonObject arguments) {
        Folding folding = foldings.apply(operation);
        return grant.folded(folding).check(folding.ofArguments(arguments));
    }

    private static Verdict violated(RecordedCall.Pair pair, String argument) {
        return new Verdict.Refused(
                DenyReason.CONSTRAINT_VIOLATED,
                GrantDecision.violated("the template", pair.operation(), argument)
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

package dev.errand.issuer;

import dev.errand.denial.Denial;
import dev.errand.denial.DenyReason;
import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.GrantDecision;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.jsonrpc.McpSessions;
import dev.errand.template.Policies;
import dev.errand.token.Capability;
import dev.errand.token.ToolGrant;
import dev.errand.web.Caller;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A call that a holder asked about, after its grant was judged and before its step. Immutable.
 *
 * @param call the call that the task's state is asked about; null if the grant refuses it
 * @param denial why it is refused; null if it is not
 * @param passedOver constrained arguments that were not given
 */
record JudgedQuestion(
        @Nullable OperationCall call, @Nullable Denial denial, Set<String> passedOver) {

    /** Judges the question by the leaf's grant and, for another anchor's root, the operator's template. */
    static JudgedQuestion of(Question question, Caller caller, Policies policies) {
        String id = question.operation();
        int colon = id.indexOf(':');
        OperationCatalogue catalogue = colon < 0 ? null : policies.catalogue(id.substring(0, colon));
        Optional<Operation> operation = catalogue == null ? Optional.empty() : catalogue.operation(id);
        if (catalogue == null || operation.isEmpty()) {
            return refused(DenyReason.UNKNOWN_OPERATION, "operation", "no catalogue has an operation of this id");
        }
        JsonObject arguments = arguments(question, catalogue.arguments(id));
        Folding folding = catalogue.folding();
        String resource = question.resource() == null ? arguments.string("resource") : question.resource();
        if (resource != null && !folding.isCertain(resource)) {
            return refused(DenyReason.MALFORMED_REQUEST, "operation", Folding.UNCERTAIN);
        }
        Denial lookalike = McpSessions.areOf(catalogue) ? caller.refuseLookalike(operation.get(), arguments) : null;
        if (lookalike != null) {
            return new JudgedQuestion(null, lookalike, Set.of());
        }
        OperationCall call =
                new OperationCall(operation.get(), resource == null ? "" : resource, arguments, false).folded(folding);
        Capability leaf = caller.chain().leaf().capability();
        Capability bound = caller.templateGrant();
        Set<String> passedOver = new TreeSet<>();
        Denial denial = null;
        for (Capability each : bound == null ? List.of(leaf) : List.of(leaf, bound)) {
            denial = denial != null ? denial : GrantDecision.ofGiven(each, call).denial("the token");
            ToolGrant grant = denial == null ? each.tools().get(id) : null;
            passedOver.addAll(grant == null ? Set.of() : grant.missing(arguments));
        }
        return new JudgedQuestion(denial == null ? call : null, denial, passedOver);
    }

    private static JudgedQuestion refused(DenyReason reason, String step, String detail) {
        return new JudgedQuestion(null, new Denial(reason, step, detail), Set.of());
    }

    /** The arguments with the resource as one of them; a tool of MCP has no such argument. */
    private static JsonObject arguments(Question question, Optional<Set<String>> known) {
        if (question.resource() == null || known.isEmpty()) {
            return question.arguments();
        }
        Map<String, JsonValue> all = new LinkedHashMap<>(question.arguments().members());
        all.put("resource", new JsonString(question.resource()));
        return new JsonObject(all);
    }
}

package dev.errand.issuer;

import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A call that a holder asks about. Immutable.
 *
 * @param operation the operation's id, as it was sent
 * @param resource the resource of the call, or null
 * @param arguments further arguments
 */
record Question(String operation, @Nullable String resource, JsonObject arguments) {
    private static final Set<String> PARAMETERS = Set.of("operation", "resource", "arguments", "approval");

    /** The result of reading a query. */
    sealed interface Read {
        /**
         * @param question null if only the state of the task is asked for
         * @param approval the id of the request for approval whose state is asked for, as it was sent; or null
         */
        record Accepted(
                @Nullable Question question, @Nullable String approval) implements Read {
            Accepted(@Nullable Question question) {
                this(question, null);
            }
        }

        record Refused(String why) implements Read {}
    }

    /** Reads the query of a request, as it was sent; the server bounds its length. */
    static Read parse(@Nullable String query) {
        if (query == null || query.isEmpty()) {
            return new Read.Accepted(null);
        }
        Optional<FormBody> form = FormBody.parse(query.getBytes(StandardCharsets.UTF_8));
        if (form.isEmpty()) {
            return new Read.Refused("the query is malformed, or has a parameter twice");
        }
        if (!PARAMETERS.containsAll(form.get().names())) {
            return new Read.Refused("the parameters of this endpoint are operation, resource, arguments and approval");
        }
        String operation = form.get().get("operation");
        String resource = form.get().get("resource");
        String arguments = form.get().get("arguments");
        if (form.get().all("resource").size() > 1) {
            return new Read.Refused("the parameter resource is given twice");
        }
        String approval = form.get().get("approval");
        if (approval != null) {
            return form.get().names().size() == 1
                    ? new Read.Accepted(null, approval)
                    : new Read.Refused("approval is asked for alone");
        }
        if (operation == null) {
            return resource == null && arguments == null
                    ? new Read.Accepted(null)
                    : new Read.Refused("resource and arguments are those of an operation: name it");
        }
        try {
            JsonObject given =
                    arguments == null ? JsonObject.EMPTY : Json.parseObject(arguments.getBytes(StandardCharsets.UTF_8));
            String named = given.string("resource");
            return resource != null && given.get("resource") != null && !resource.equals(named)
                    ? new Read.Refused("resource and the argument of that name differ")
                    : new Read.Accepted(new Question(operation, resource, given));
        } catch (MalformedJsonException e) {
            return new Read.Refused("arguments must be one JSON object without duplicate members");
        }
    }
}

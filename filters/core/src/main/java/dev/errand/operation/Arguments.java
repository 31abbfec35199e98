package dev.errand.operation;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Collects the arguments of one call: the resource and the declared parameters that it has. Not thread-safe: one per
 * call.
 */
public final class Arguments {
    private final Map<String, JsonValue> members = new LinkedHashMap<>();

    /** Begins with the resource. */
    public Arguments(String resource) {
        members.put("resource", new JsonString(resource));
    }

    /** The arguments that were collected. */
    public JsonObject toJson() {
        return new JsonObject(members);
    }

    /** Collects the parameters. Returns why the request is malformed, or null. */
    public @Nullable String read(List<Parameter> parameters, CanonicalQuery query, CatalogueRequest request) {
        JsonBody body = null;
        for (int i = 0; i < parameters.size(); i++) {
            Parameter parameter = parameters.get(i);
            String fault = switch (parameter.source()) {
                case QUERY, QUERY_NUMBER -> query(parameter, query);
                case QUERY_LIST -> list(parameter, query);
                case HEADER -> header(parameter, request.headers());
                case BODY -> {
                    body = body == null ? JsonBody.of(request) : body;
                    yield body(parameter, body);
                }
            };
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    private @Nullable String query(Parameter parameter, CanonicalQuery query) {
        int index = query.indexOf(parameter.key());
        if (index < 0) {
            return null;
        }
        if (query.isRepeated(parameter.key())) {
            return "the query key " + parameter.key() + " is given twice";
        } else if (!query.isPlain(index)) {
            return "the query key " + parameter.key() + " holds a +: write %20 or %2B";
        }
        String value = query.value(index);
        if (parameter.source() == Parameter.Source.QUERY) {
            members.put(parameter.name(), new JsonString(value));
            return null;
        }
        JsonNumber number = Jcs.spelled(value);
        if (number == null || !Jcs.isAdmissible(number)) {
            return "the query key " + parameter.key()
                    + " is no number as RFC 8785 spells it: write 100, not 1e2, 100.0 or 0100";
        }
        members.put(parameter.name(), number);
        return null;
    }

    private @Nullable String list(Parameter parameter, CanonicalQuery query) {
        List<JsonValue> values = new ArrayList<>();
        for (int i = 0; i < query.size(); i++) {
            if (query.key(i).equals(parameter.key())) {
                if (!query.isPlain(i)) {
                    return "the query key " + parameter.key() + " holds a +: write %20 or %2B";
                }
                values.add(new JsonString(query.value(i)));
            }
        }
        if (!values.isEmpty()) {
            members.put(parameter.name(), new JsonArray(values));
        }
        return null;
    }

    private @Nullable String header(Parameter parameter, RequestHeaders headers) {
        List<String> values = headers.values(parameter.key());
        if (headers.hasLookalike(parameter.key())) {
            return "a header that some servers take for " + parameter.key();
        } else if (values.size() > 1) {
            return "the header " + parameter.key() + " is given twice";
        } else if (values.size() == 1) {
            members.put(parameter.name(), new JsonString(values.get(0).strip()));
        }
        return null;
    }

    private @Nullable String body(Parameter parameter, JsonBody body) {
        if (body instanceof JsonBody.Value document) {
            JsonPointer pointer = Objects.requireNonNull(parameter.pointer());
            String lookalike = pointer.lookalike(document.value());
            if (lookalike != null) {
                return "a member of the body that some servers take for '" + lookalike + "'";
            }
            JsonValue value = pointer.in(document.value());
            if (value != null && !Jcs.isAdmissible(value)) {
                return "the parameter " + parameter.name() + " has a number that no double holds exactly";
            } else if (value != null) {
                members.put(parameter.name(), value);
            }
        }
        return body.fault();
    }
}

package dev.errand.operation.template;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.JsonPointer;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Walks the paths of a document. Not thread-safe: one per document. */
record PathWalk(JsonObject document) {
    /** The most operations of a document. */
    static final int MAX_OPERATIONS = 10_000;

    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    private static final int MAX_REFERENCES = 8;

    /** A part of the document that is needed violates OpenAPI. */
    static final class UnreadableDocumentException extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableDocumentException(String message) {
            super(message);
        }
    }

    List<DescribedOperation> operations() throws UnreadableDocumentException {
        JsonObject paths = document.object("paths");
        List<DescribedOperation> operations = new ArrayList<>();
        for (Map.Entry<String, JsonValue> path : paths == null
                ? Set.<Map.Entry<String, JsonValue>>of()
                : paths.members().entrySet()) {
            if (!path.getKey().startsWith("/")) {
                continue; // an extension
            }
            JsonObject item = object(path.getValue(), path.getKey());
            int before = operations.size();
            for (Map.Entry<String, JsonValue> member : item.members().entrySet()) {
                if (METHODS.contains(member.getKey())) {
                    operations.add(operation(path.getKey(), member.getKey(), item, member.getValue()));
                }
            }
            if (operations.size() == before) {
                operations.add(
                        new DescribedOperation(DescribedOperation.NONE, path.getKey(), null, Set.of(), Set.of()));
            }
            if (operations.size() > MAX_OPERATIONS) {
                throw new UnreadableDocumentException("more than " + MAX_OPERATIONS + " operations");
            }
        }
        return operations;
    }

    private DescribedOperation operation(String template, String method, JsonObject item, JsonValue value)
            throws UnreadableDocumentException {
        JsonObject operation = object(value, template);
        Map<String, JsonObject> parameters = new LinkedHashMap<>();
        for (JsonObject owner : List.of(item, operation)) {
            JsonArray list = owner.get("parameters") instanceof JsonArray array ? array : new JsonArray(List.of());
            for (JsonValue one : list.values()) {
                JsonObject parameter = object(one, template);
                parameters.put(parameter.string("in") + ' ' + parameter.string("name"), parameter);
            }
        }
        Set<String> several = new LinkedHashSet<>();
        Set<String> query = new LinkedHashSet<>();
        for (JsonObject parameter : parameters.values()) {
            String name = parameter.string("name");
            if (name == null) {
                continue;
            }
            if ("query".equals(parameter.string("in"))) {
                query.add(name);
            } else if ("path".equals(parameter.string("in"))
                    && parameter.get("x-multi-segment") instanceof JsonBoolean marked
                    && marked.value()) {
                several.add(name);
            }
        }
        return new DescribedOperation(
                method.toUpperCase(Locale.ROOT), template, operation.string("operationId"), several, query);
    }

    /** The object that a value is, or that it refers to through references. */
    private JsonObject object(@Nullable JsonValue value, String template) throws UnreadableDocumentException {
        JsonValue found = value;
        for (int i = 0; i <= MAX_REFERENCES; i++) {
            if (!(found instanceof JsonObject object)) {
                break;
            }
            String reference = object.string("$ref");
            if (reference == null) {
                return object;
            }
            JsonPointer pointer = JsonPointer.parse(
                    URLDecoder.decode(reference.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8));
            found = pointer == null ? null : pointer.in(document);
        }
        throw new UnreadableDocumentException(
                "the path " + template + " has a part that is no object, or a reference that leads nowhere");
    }
}

package dev.errand.operation.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.Yaml;
import dev.errand.config.YamlNode;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An OpenAPI document (Swagger 2.0, OpenAPI 3.0 and 3.1) in JSON or YAML. No other file is read: a reference that does
 * not begin with {@code #/} is a fault, and so is a YAML alias. Size and depth are bounded. Immutable and thread-safe.
 *
 * @param operations in the order of the document; for a path without operations, an entry without a method
 */
record OpenApiDocument(List<DescribedOperation> operations) {
    /** The most bytes of a document. */
    public static final int MAX_BYTES = 16 << 20;

    private static final Set<String> VALUES = Set.of("example", "examples", "default", "enum", "const");

    public OpenApiDocument {
        operations = List.copyOf(operations);
    }

    /**
     * Parses UTF-8 bytes; null, with a fault, if they are not such a document. {@code name} is the document's name in
     * messages.
     */
    public static @Nullable OpenApiDocument parse(byte[] utf8, String name, Faults faults) {
        Position start = new Position(name, 1, 1);
        JsonValue value;
        try {
            if (name.endsWith(".json")) {
                value = Json.parse(utf8);
            } else {
                YamlNode node = Yaml.parse(name, utf8, MAX_BYTES, faults);
                value = node == null ? null : node.json();
            }
        } catch (Json.MalformedJsonException e) {
            faults.add(start, "not one JSON value: " + e.getMessage());
            return null;
        }
        return value == null ? null : of(value, start, faults);
    }

    private static @Nullable OpenApiDocument of(JsonValue value, Position start, Faults faults) {
        if (!(value instanceof JsonObject document) || !isKnownVersion(document)) {
            faults.add(start, "not an OpenAPI document: it says neither 'swagger: 2.0' nor 'openapi: 3.0' or '3.1'");
            return null;
        }
        String foreign = foreignReference(document);
        if (foreign != null) {
            String shown = foreign.length() > 80 ? foreign.substring(0, 80) + "…" : foreign;
            faults.add(start, "refers to '" + shown + "': only references within the document (#/…) are followed");
            return null;
        }
        try {
            return new OpenApiDocument(new PathWalk(document).operations());
        } catch (PathWalk.UnreadableDocumentException e) {
            faults.add(start, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private static boolean isKnownVersion(JsonObject document) {
        String swagger = text(document.get("swagger"));
        String openapi = text(document.get("openapi"));
        return swagger.equals("2.0") || openapi.matches("3\\.[01](\\..*)?");
    }

    private static String text(@Nullable JsonValue value) {
        return value instanceof JsonString string
                ? string.value()
                : value instanceof JsonNumber number ? number.text() : "";
    }

    /** A reference that leaves the document, or null. Text within an example is a value, and not a reference. */
    private static @Nullable String foreignReference(JsonValue value) {
        if (value instanceof JsonObject object) {
            String own = object.string("$ref");
            if (own != null && !own.startsWith("#/")) {
                return own;
            }
            for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
                String below = VALUES.contains(member.getKey()) ? null : foreignReference(member.getValue());
                if (below != null) {
                    return below;
                }
            }
        } else if (value instanceof JsonArray array) {
            for (JsonValue item : array.values()) {
                String below = foreignReference(item);
                if (below != null) {
                    return below;
                }
            }
        }
        return null;
    }
}

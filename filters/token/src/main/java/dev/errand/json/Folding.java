package dev.errand.json;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which spellings of a name are the same name to a server. Names are compared in the folded spelling, and shown in the
 * spelling of the request. Immutable and thread-safe.
 *
 * @param letterCase whether letters of either case are equal; only A to Z are certain
 * @param emptySegments whether several slashes are one slash
 */
public record Folding(boolean letterCase, boolean emptySegments) {
    /** The argument that is folded: the resource of an operation. */
    public static final String ARGUMENT = "resource";

    /** Folds nothing: each spelling is a separate name. */
    public static final Folding NONE = new Folding(false, false);

    /** Why a name whose folded spelling is not {@linkplain #isCertain certain} is refused. */
    public static final String UNCERTAIN =
            "a resource with a character beyond ASCII: servers disagree on upper and lower case there, so write the name in ASCII";

    /** Whether each spelling is a separate name. */
    public boolean isNone() {
        return !letterCase && !emptySegments;
    }

    /** The folded spelling of a name. */
    public String of(String name) {
        StringBuilder folded = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean again = c == '/' && i > 0 && name.charAt(i - 1) == '/';
            if (!again || !emptySegments) {
                folded.append(letterCase && c >= 'A' && c <= 'Z' ? (char) (c + ('a' - 'A')) : c);
            }
        }
        return folded.toString();
    }

    /** The value with its strings folded. */
    public JsonValue of(JsonValue value) {
        if (value instanceof JsonValue.JsonString text) {
            return new JsonValue.JsonString(of(text.value()));
        }
        return value instanceof JsonValue.JsonArray array ? new JsonValue.JsonArray(of(array.values())) : value;
    }

    /** The values with their strings folded. */
    public List<JsonValue> of(List<JsonValue> values) {
        return values.stream().map(this::of).toList();
    }

    /** The arguments of a call; the resource among them is folded. */
    public JsonValue.JsonObject ofArguments(JsonValue.JsonObject arguments) {
        JsonValue resource = arguments.get(ARGUMENT);
        if (isNone() || resource == null) {
            return arguments;
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(arguments.members());
        members.put(ARGUMENT, of(resource));
        return new JsonValue.JsonObject(members);
    }

    /** Whether the folded spelling of the name is certain. Servers differ in which letters beyond ASCII they fold. */
    public boolean isCertain(String name) {
        return !letterCase || name.chars().allMatch(c -> c < 0x80);
    }
}

package dev.errand.operation;

import dev.errand.json.FoldedNames;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A JSON pointer (RFC 6901) for {@link JsonValue} trees. Jackson's pointer works only on Jackson's trees.
 *
 * @param tokens its reference tokens, unescaped
 */
public record JsonPointer(List<String> tokens) {
    public JsonPointer {
        tokens = List.copyOf(tokens);
    }

    /** The pointer, or null if the text is not one. */
    public static @Nullable JsonPointer parse(String text) {
        if (!text.isEmpty() && text.charAt(0) != '/') {
            return null;
        }
        List<String> tokens = new ArrayList<>();
        for (String token :
                text.isEmpty() ? List.<String>of() : List.of(text.substring(1).split("/", -1))) {
            if (token.replace("~0", "").replace("~1", "").indexOf('~') >= 0) {
                return null;
            }
            tokens.add(token.replace("~1", "/").replace("~0", "~"));
        }
        return new JsonPointer(tokens);
    }

    /** The value that it points to, or null if there is none. */
    public @Nullable JsonValue in(JsonValue document) {
        JsonValue value = document;
        for (String token : tokens) {
            if (value instanceof JsonObject object) {
                value = object.get(token);
            } else if (value instanceof JsonArray array) {
                int index = index(token);
                value = index >= 0 && index < array.values().size()
                        ? array.values().get(index)
                        : null;
            } else {
                return null;
            }
            if (value == null) {
                return null;
            }
        }
        return value;
    }

    /**
     * Adds the values at every place that it points to, where the token {@code *} is each item of an array. Returns why the
     * document is refused, or null: a value is missing, an array is none, or a member looks like one on the way.
     */
    public @Nullable String each(JsonValue document, List<JsonValue> values) {
        int items = tokens.indexOf("*");
        JsonPointer first = items < 0 ? this : new JsonPointer(tokens.subList(0, items));
        String lookalike = first.lookalike(document);
        JsonValue found = first.in(document);
        if (lookalike != null || found == null) {
            return lookalike == null
                    ? "the body has no value at a place that the operation needs"
                    : "a member of the body that some servers take for '" + lookalike + "'";
        } else if (items < 0) {
            values.add(found);
            return null;
        }
        if (!(found instanceof JsonArray array)) {
            return "the body has no array at a place that the operation needs";
        }
        JsonPointer rest = new JsonPointer(tokens.subList(items + 1, tokens.size()));
        for (JsonValue item : array.values()) {
            String fault = rest.each(item, values);
            if (fault != null) {
                return fault;
            }
        }
        return null;
    }

    /**
     * A member on the pointer's way that differs from the pointer's own name only in letter case, Unicode form, or
     * camel and snake case ({@code rangeEnd} for {@code range_end}), or null. Some readers, such as those of Protocol
     * Buffers' JSON, would take it for the pointer's own.
     */
    public @Nullable String lookalike(JsonValue document) {
        JsonValue value = document;
        for (String token : tokens) {
            if (value instanceof JsonObject object) {
                for (String member : object.members().keySet()) {
                    if (!member.equals(token) && sameName(member, token)) {
                        return token;
                    }
                }
                value = object.get(token);
            } else if (value instanceof JsonArray array) {
                int index = index(token);
                value = index >= 0 && index < array.values().size()
                        ? array.values().get(index)
                        : null;
            }
            if (value == null) {
                return null;
            }
        }
        return null;
    }

    private static boolean sameName(String member, String token) {
        return FoldedNames.areAlike(member, token) || FoldedNames.areAlike(snake(form(member)), snake(form(token)));
    }

    /** The name in NFKC, where a full-width letter becomes a plain one, and so can be a capital too. */
    private static String form(String name) {
        return Normalizer.isNormalized(name, Normalizer.Form.NFKC)
                ? name
                : Normalizer.normalize(name, Normalizer.Form.NFKC);
    }

    private static String snake(String name) {
        if (name.chars().noneMatch(c -> c >= 'A' && c <= 'Z')) {
            return name;
        }
        StringBuilder snake = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean capital = c >= 'A' && c <= 'Z';
            snake.append(capital ? "_" : "").append(capital ? (char) (c - 'A' + 'a') : c);
        }
        return snake.toString();
    }

    private static int index(String token) {
        if (token.isEmpty() || token.length() > 6 || (token.length() > 1 && token.charAt(0) == '0')) {
            return -1;
        }
        for (int i = 0; i < token.length(); i++) {
            if (token.charAt(i) < '0' || token.charAt(i) > '9') {
                return -1;
            }
        }
        return Integer.parseInt(token);
    }
}

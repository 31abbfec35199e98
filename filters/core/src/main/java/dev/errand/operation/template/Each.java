package dev.errand.operation.template;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.JsonBody;
import dev.errand.operation.JsonPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The paths that a request names in its body, or in a variable of its own path, such as the files of a tree of git. Each is a
 * resource of its own, and may select the operation. Immutable and thread-safe.
 *
 * @param source the source as it is written
 * @param pointer the place in the body; null for a variable
 * @param below paths: the rule is for values that are one of them, below one or above one; empty for all other values
 */
record Each(String source, @Nullable JsonPointer pointer, List<List<String>> below) {
    /** The most values of one request. */
    static final int MAX_VALUES = 1_000;

    private static final String BODY = "body:";

    Each {
        below = List.copyOf(below);
    }

    /** The rule's source and paths; null if the source is neither a place in a body nor a variable. */
    static @Nullable Each parse(String source, List<String> below) {
        JsonPointer pointer = source.startsWith(BODY) ? JsonPointer.parse(source.substring(BODY.length())) : null;
        boolean variable = source.length() > 2 && source.startsWith("{") && source.endsWith("}");
        return pointer == null && !variable
                ? null
                : new Each(source, pointer, below.stream().map(Each::segments).toList());
    }

    /** The variable of the path, without its braces; empty if the values are in the body. */
    String variable() {
        return pointer == null ? source.substring(1, source.length() - 1) : "";
    }

    /** The values of a request. */
    sealed interface Values {
        /** The values, each a path of segments without an empty one or one of dots. */
        record Found(List<String> paths) implements Values {}

        /** Why the request is malformed. */
        record Refused(String why) implements Values {}
    }

    /** Reads the values of a request that fits the template. */
    Values values(PathTemplate template, CanonicalPath path, CatalogueRequest request) {
        if (pointer == null) {
            String value = template.value(template.index(variable()), variable(), path);
            return new Values.Found(value == null ? List.of() : List.of(value));
        }
        JsonBody body = JsonBody.of(request);
        String fault = body.fault();
        List<JsonValue> values = new ArrayList<>();
        if (fault == null) {
            fault = body instanceof JsonBody.Value document
                    ? pointer.each(document.value(), values)
                    : "the operation needs a body";
        }
        if (fault == null && values.size() > MAX_VALUES) {
            fault = "the body names more than " + MAX_VALUES + " paths";
        }
        List<String> paths = new ArrayList<>();
        for (JsonValue value : values) {
            if (fault == null && value instanceof JsonString text && isPath(text.value())) {
                paths.add(text.value());
            } else if (fault == null) {
                fault = "the body names a path with an empty segment, a dot segment or a character that no path has";
            }
        }
        return fault == null ? new Values.Found(paths) : new Values.Refused(fault);
    }

    private static boolean isPath(String text) {
        return text.chars().noneMatch(c -> c < ' ' || c == 0x7f || c == '\\')
                && segments(text).stream()
                        .noneMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."));
    }

    /**
     * Whether the rule is for a value. Letter case, empty segments and an encoded slash do not matter: a server or a checkout may
     * read them in the other way.
     */
    boolean covers(String value) {
        List<String> its = segments(value.replace("%2F", "/").replaceAll("/{2,}", "/"));
        return below.stream().anyMatch(path -> {
            int common = Math.min(path.size(), its.size());
            return path.subList(0, common).equals(its.subList(0, common));
        });
    }

    private static List<String> segments(String path) {
        return List.of(path.toLowerCase(Locale.ROOT).split("/", -1));
    }
}

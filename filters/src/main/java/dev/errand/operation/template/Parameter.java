package dev.errand.operation.template;

import dev.errand.operation.JsonPointer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A declared parameter: where an argument comes from.
 *
 * @param name the argument's name
 * @param source which part of the request
 * @param key the query key or header name; the parameter's name for a body
 * @param pointer where in the body, for a body
 */
record Parameter(
        String name, Source source, String key, @Nullable JsonPointer pointer) {
    private static final String PLAIN = "query";
    private static final String NUMBER = "query:number";

    /** The sources that are a word by themselves. */
    static final List<String> WORDS = List.of(PLAIN, NUMBER);

    /** The part of the request. */
    enum Source {
        QUERY,
        QUERY_NUMBER,
        HEADER,
        BODY
    }

    /** Reads {@code query}, {@code query:number}, {@code header:<name>} or {@code body:<JSON pointer>}; null if it is none. */
    static @Nullable Parameter parse(String name, String text) {
        if (text.equals(PLAIN)) {
            return new Parameter(name, Source.QUERY, name, null);
        } else if (text.equals(NUMBER)) {
            return new Parameter(name, Source.QUERY_NUMBER, name, null);
        } else if (text.startsWith("header:")) {
            String header = text.substring(7);
            return isToken(header) ? new Parameter(name, Source.HEADER, header, null) : null;
        } else if (text.startsWith("body:")) {
            JsonPointer pointer = JsonPointer.parse(text.substring(5));
            return pointer == null ? null : new Parameter(name, Source.BODY, name, pointer);
        }
        return null;
    }

    private static boolean isToken(String text) {
        return !text.isEmpty()
                && text.chars()
                        .allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || "!#$%&'*+-.^_`|~".indexOf(c) >= 0));
    }
}

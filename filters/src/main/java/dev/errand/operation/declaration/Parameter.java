package dev.errand.operation.declaration;

import dev.errand.operation.JsonPointer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A declared parameter: where an argument comes from. Immutable and thread-safe.
 *
 * @param name the argument's name
 * @param source which part of the request
 * @param key the query key or header name; the parameter's name for a body
 * @param pointer where in the body, for a body
 */
public record Parameter(
        String name, Source source, String key, @Nullable JsonPointer pointer) {
    private static final String PLAIN = "query";
    private static final String NUMBER = "query:number";
    private static final String LIST = "query:list";

    /** The sources that are a word by themselves. */
    public static final List<String> WORDS = List.of(PLAIN, NUMBER, LIST);

    /** The part of the request. */
    public enum Source {
        /** The value of a query key. */
        QUERY,
        /** The value of a query key, read as a number. */
        QUERY_NUMBER,
        /** All values of a query key in their order, also of a key that stands there once. */
        QUERY_LIST,
        /** The value of a header. */
        HEADER,
        /** A member of the body. */
        BODY
    }

    /** Whether a query key gives it. */
    public boolean isOfQuery() {
        return source == Source.QUERY || source == Source.QUERY_NUMBER || source == Source.QUERY_LIST;
    }

    /** Reads {@code query}, {@code query:number}, {@code query:list}, {@code header:<name>} or {@code body:<JSON pointer>}; null if it is none. */
    static @Nullable Parameter parse(String name, String text) {
        if (text.equals(PLAIN)) {
            return new Parameter(name, Source.QUERY, name, null);
        } else if (text.equals(NUMBER)) {
            return new Parameter(name, Source.QUERY_NUMBER, name, null);
        } else if (text.equals(LIST)) {
            return new Parameter(name, Source.QUERY_LIST, name, null);
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

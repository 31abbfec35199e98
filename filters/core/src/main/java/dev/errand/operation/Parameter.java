package dev.errand.operation;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A declared parameter: the source of an argument. Immutable and thread-safe.
 *
 * @param name the argument's name
 * @param source the part of the request that holds it
 * @param key the query key or header name; for a body the parameter's name
 * @param pointer the place in the body, if the source is the body
 */
public record Parameter(
        String name, Source source, String key, @Nullable JsonPointer pointer) {
    private static final String PLAIN = "query";
    private static final String NUMBER = "query:number";
    private static final String LIST = "query:list";

    /** The sources that are written as a single word. */
    public static final List<String> WORDS = List.of(PLAIN, NUMBER, LIST);

    /** The part of the request. */
    public enum Source {
        /** The value of a query key. */
        QUERY,
        /** The value of a query key, read as a number. */
        QUERY_NUMBER,
        /** All values of a query key in their order, even if there is only one. */
        QUERY_LIST,
        /** The value of a header. */
        HEADER,
        /** A member of the body. */
        BODY
    }

    /** The names of the headers among the sources. */
    public static Set<String> headers(Collection<Parameter> parameters) {
        return parameters.stream()
                .filter(parameter -> parameter.source() == Source.HEADER)
                .map(Parameter::key)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Whether the argument comes from a query key. */
    public boolean isOfQuery() {
        return source == Source.QUERY || source == Source.QUERY_NUMBER || source == Source.QUERY_LIST;
    }

    /**
     * Parses {@code query}, {@code query:number}, {@code query:list}, {@code header:<name>} or
     * {@code body:<JSON pointer>}; null for any other text.
     */
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

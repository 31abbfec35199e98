package dev.errand.operation.kubernetes;

import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.kubernetes.RequestInfo.NoSuchRequestException;
import org.jspecify.annotations.Nullable;

/** The single object that a {@code fieldSelector} selects by {@code metadata.name}. */
final class FieldSelector {
    private static final String NAME = "metadata.name";

    private FieldSelector() {}

    /** The name, or null if the query selects none. */
    static @Nullable String name(CanonicalQuery query) throws NoSuchRequestException {
        String selector = query.get("fieldSelector");
        if (selector == null || selector.isEmpty()) {
            return null;
        }
        if (selector.indexOf('\\') >= 0) {
            throw new NoSuchRequestException("a fieldSelector with an escape");
        }
        String name = null;
        for (String term : selector.split(",", -1)) {
            int sign = term.indexOf('=');
            boolean exact = sign > 0
                    && term.charAt(sign - 1) != '!'
                    && term.substring(0, sign).equals(NAME);
            if (!exact) {
                continue;
            }
            String value = term.substring(sign + (term.startsWith("==", sign) ? 2 : 1));
            if (name != null && !name.equals(value)) {
                throw new NoSuchRequestException("a fieldSelector that demands two names");
            }
            name = value;
        }
        boolean valid = name != null
                && !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.indexOf('/') < 0
                && name.indexOf('%') < 0;
        return valid ? name : null;
    }
}

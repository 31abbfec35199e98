package dev.errand.operation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The header fields of a request; letter case of names does not matter. A view: reading it copies nothing. */
public interface RequestHeaders {
    /** The field values in the order sent; empty if the field is absent. */
    List<String> values(String name);

    /** The names of the fields that are present. */
    Set<String> names();

    /** The names of the fields that are present, in lower case. */
    default List<String> lowerNames() {
        return names().stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
    }

    /**
     * The names that are present more than once, each folded by {@link #fold}: on two lines, or in two spellings that
     * fold to the same name. Empty for most requests.
     */
    default List<String> repeatedNames() {
        List<String> repeated = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String name : names()) {
            String folded = fold(name);
            if (!seen.add(folded) || values(name).size() > 1) {
                repeated.add(folded);
            }
        }
        return repeated;
    }

    /**
     * The name in lower case, with {@code -} for {@code _}: servers that make variables from headers do not tell the
     * two apart.
     */
    static String fold(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Whether a field is present that only some servers take for this one: {@code X_Foo} for {@code X-Foo}. Then the
     * meaning of the request depends on its reader.
     */
    default boolean hasLookalike(String name) {
        String folded = fold(name);
        for (String present : names()) {
            if (!present.equalsIgnoreCase(name) && fold(present).equals(folded)) {
                return true;
            }
        }
        return false;
    }
}

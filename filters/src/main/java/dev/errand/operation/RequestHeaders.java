package dev.errand.operation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The header fields of a request, names without regard to case. A view: reading it copies nothing. */
public interface RequestHeaders {
    /** The field values in the order sent; empty where the field is absent. */
    List<String> values(String name);

    /** The names present. */
    Set<String> names();

    /** The names present, each as {@link #fold} spells it. */
    default List<String> foldedNames() {
        return names().stream().map(RequestHeaders::fold).toList();
    }

    /**
     * The names that stand more than once, each as {@link #fold} spells it: on two lines, or in two spellings that fold to one.
     * Empty for most requests.
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

    /** Lower case, with {@code -} for {@code _}, since servers that make variables of headers take both for one. */
    static String fold(String name) {
        return name.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Whether a field is present whose name a server that folds names takes for this one, and one that does not ignores:
     * {@code X_Foo} for {@code X-Foo}. What such a request means depends on who reads it.
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

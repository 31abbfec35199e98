package dev.errand.web.operation;

import dev.errand.web.request.HopHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The canonical names of the fields of one request, gathered field by field. Not thread-safe: one per call. */
final class SentNames implements BiConsumer<String, List<String>> {
    private final List<String> all = new ArrayList<>();
    private @Nullable List<String> repeated;
    private boolean underscored;

    @Override
    public void accept(String name, List<String> values) {
        String canonical = HopHeaders.canonical(name);
        all.add(canonical);
        underscored |= name.indexOf('_') >= 0;
        if (values.size() > 1) {
            repeat(canonical);
        }
    }

    private void repeat(String canonical) {
        List<String> names = repeated == null ? new ArrayList<>() : repeated;
        names.add(canonical);
        repeated = names;
    }

    List<String> all() {
        return all;
    }

    /** The names that stand more than once: on two lines, or once with {@code -} and once with {@code _}. */
    List<String> repeated() {
        if (underscored) {
            Set<String> seen = new HashSet<>();
            for (String name : all) {
                if (!seen.add(name)) {
                    repeat(name);
                }
            }
            underscored = false;
        }
        return repeated == null ? List.of() : repeated;
    }
}

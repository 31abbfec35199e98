package dev.errand.web.stage;

import dev.errand.operation.RequestHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The names of the fields of one request in lower case, gathered field by field. Not thread-safe: one per call. */
final class SentNames implements BiConsumer<String, List<String>> {
    private final List<String> all = new ArrayList<>();
    private @Nullable List<String> repeated;
    private boolean underscored;

    @Override
    public void accept(String name, List<String> values) {
        String lower = name.toLowerCase(Locale.ROOT);
        all.add(lower);
        underscored |= lower.indexOf('_') >= 0;
        if (values.size() > 1) {
            repeat(RequestHeaders.fold(lower));
        }
    }

    private void repeat(String folded) {
        List<String> names = repeated == null ? new ArrayList<>() : repeated;
        names.add(folded);
        repeated = names;
    }

    List<String> all() {
        return all;
    }

    /** The folded names that stand more than once: on two lines, or once with {@code -} and once with {@code _}. */
    List<String> repeated() {
        if (underscored) {
            Set<String> seen = new HashSet<>();
            for (String name : all) {
                String folded = RequestHeaders.fold(name);
                if (!seen.add(folded)) {
                    repeat(folded);
                }
            }
            underscored = false;
        }
        return repeated == null ? List.of() : repeated;
    }
}

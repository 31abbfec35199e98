package dev.errand.json;

import dev.errand.json.JsonValue.JsonObject;
import java.text.Normalizer;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names of members, compared without letter case and Unicode form (NFKC, UAX 15). Some servers read {@code Path} as
 * {@code path}, so a rule about {@code path} alone would miss what they read. Immutable and thread-safe.
 */
public final class FoldedNames {
    /** No names, so that no member has a lookalike. */
    public static final FoldedNames NONE = new FoldedNames(Set.of());

    private final Set<String> names;
    private final Map<String, String> byFold = new HashMap<>();

    private FoldedNames(Collection<String> names) {
        this.names = Set.copyOf(names);
        this.names.forEach(name -> byFold.put(fold(name), name));
    }

    /** Folds the names once; the result serves any number of objects. */
    public static FoldedNames of(Collection<String> names) {
        return names.isEmpty() ? NONE : new FoldedNames(names);
    }

    /** A name that a member of the object has in another letter case or Unicode form; null if there is none. */
    public @Nullable String lookalike(JsonObject object) {
        if (names.isEmpty()) {
            return null;
        }
        for (String member : object.members().keySet()) {
            String name = names.contains(member) ? null : byFold.get(fold(member));
            if (name != null) {
                return name;
            }
        }
        return null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FoldedNames folded && names.equals(folded.names);
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }

    /** Whether two names are equal without letter case and Unicode form. */
    public static boolean areAlike(String one, String other) {
        return one.equalsIgnoreCase(other)
                || ((!isAscii(one) || !isAscii(other)) && fold(one).equals(fold(other)));
    }

    private static boolean isAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) > 0x7f) {
                return false;
            }
        }
        return true;
    }

    private static String fold(String name) {
        if (isAscii(name)) {
            return name.toLowerCase(Locale.ROOT);
        }
        // Through upper case, where dotless i and sharp s become other letters; then NFKC again, since a change of case
        // can undo it.
        String form = Normalizer.normalize(name, Normalizer.Form.NFKC).toLowerCase(Locale.ROOT);
        return Normalizer.normalize(form.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT), Normalizer.Form.NFKC);
    }
}

package dev.errand.json;

import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds the known word that is nearest to an unknown one, by edit distance. Thread-safe. */
public final class DidYouMean {
    private static final int MAX_WORD = 128;

    private DidYouMean() {}

    /**
     * A clause for the end of a message: {@code ; did you mean 'x'?}, or the known words if they are few, or nothing.
     */
    public static String hint(String word, Collection<String> known) {
        String nearest = nearest(word, known);
        if (nearest != null) {
            return "; did you mean '" + nearest + "'?";
        }
        return known.isEmpty() || known.size() > 12 ? "" : "; known are " + String.join(", ", new TreeSet<>(known));
    }

    /**
     * The nearest word, at most a third of the word's length away; the alphabetically first if several are equally
     * near. Null if none is near.
     */
    public static @Nullable String nearest(String word, Collection<String> known) {
        String best = null;
        int least = Integer.MAX_VALUE;
        for (String candidate : new TreeSet<>(known)) {
            int allowed = Math.max(1, Math.max(word.length(), candidate.length()) / 3);
            if (word.length() > MAX_WORD || Math.abs(word.length() - candidate.length()) > allowed) {
                continue;
            }
            int distance = distance(word.toLowerCase(Locale.ROOT), candidate.toLowerCase(Locale.ROOT));
            if (distance <= allowed && distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best;
    }

    /** The number of edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                int cost = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + cost);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}

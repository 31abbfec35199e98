package dev.errand.operation;

import dev.errand.operation.HeaderRule.Fate;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Rules for header names as a tree with one node for each character. A look-up reads each character of a name at most
 * once and allocates nothing. Letter case does not matter. Filled by one thread, then only read.
 */
final class HeaderTree {
    private static final int FOLDED = 128;
    private static final byte[] LOWER = table(false);
    private static final byte[] FOLD = table(true);

    /** Whether {@code _} in a name is read as {@code -}, so that a rule holds for every name that a server may take for its own. */
    private final boolean folds;

    /** The character of the first element of {@code next}. */
    private int first;

    /** The children; the index is the distance of a child's character from {@code first}. */
    private @Nullable HeaderTree[] next = {};

    /** The rule for the name that ends here, or null. */
    private @Nullable HeaderRule whole;

    /** The rule for all names that begin with the characters so far, or null. */
    private @Nullable HeaderRule beginning;

    HeaderTree(boolean folds) {
        this.folds = folds;
    }

    private static byte[] table(boolean folds) {
        byte[] table = new byte[FOLDED];
        for (int c = 0; c < FOLDED; c++) {
            table[c] = (byte) (folds && c == '_' ? '-' : Character.toLowerCase(c));
        }
        return table;
    }

    /** The rule for the name, or null. */
    @Nullable HeaderRule of(CharSequence name) {
        byte[] read = folds ? FOLD : LOWER;
        HeaderTree node = this;
        HeaderRule found = null;
        int length = name.length();
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            HeaderTree child = c < FOLDED ? node.child(read[c]) : null;
            if (child == null) {
                return found;
            }
            node = child;
            found = stricter(found, node.beginning);
        }
        return stricter(found, node.whole);
    }

    /** Whether one rule for a beginning holds for every name that begins in this way. */
    boolean covers(String prefix) {
        HeaderTree node = this;
        for (char c : spelled(prefix).toCharArray()) {
            if (node.beginning != null) {
                return true;
            }
            HeaderTree child = node.child(c);
            if (child == null) {
                return false;
            }
            node = child;
        }
        return node.beginning != null;
    }

    void addAll(Fate fate, Collection<String> patterns) {
        patterns.forEach(pattern -> add(fate, spelled(pattern)));
    }

    private String spelled(String pattern) {
        return folds ? RequestHeaders.fold(pattern) : pattern.toLowerCase(Locale.ROOT);
    }

    private void add(Fate fate, String pattern) {
        HeaderRule rule = new HeaderRule(fate, pattern);
        int end = pattern.endsWith("*") ? pattern.length() - 1 : pattern.length();
        HeaderTree node = this;
        for (int i = 0; i < end; i++) {
            node = node.childOrNew(pattern.charAt(i));
        }
        if (end < pattern.length()) {
            node.beginning = stricter(node.beginning, rule);
        } else {
            node.whole = stricter(node.whole, rule);
        }
    }

    HeaderTree copy() {
        HeaderTree copy = new HeaderTree(folds);
        copy.first = first;
        copy.next = Arrays.copyOf(next, next.length);
        copy.whole = whole;
        copy.beginning = beginning;
        for (int i = 0; i < next.length; i++) {
            HeaderTree child = next[i];
            copy.next[i] = child == null ? null : child.copy();
        }
        return copy;
    }

    private @Nullable HeaderTree child(int c) {
        int at = c - first;
        return at >= 0 && at < next.length ? next[at] : null;
    }

    private HeaderTree childOrNew(int c) {
        HeaderTree child = child(c);
        if (child != null) {
            return child;
        }
        int from = next.length == 0 ? c : Math.min(first, c);
        int to = next.length == 0 ? c : Math.max(first + next.length - 1, c);
        @Nullable HeaderTree[] wider = new HeaderTree[to - from + 1];
        System.arraycopy(next, 0, wider, next.length == 0 ? 0 : first - from, next.length);
        HeaderTree made = new HeaderTree(folds);
        wider[c - from] = made;
        first = from;
        next = wider;
        return made;
    }

    private static @Nullable HeaderRule stricter(@Nullable HeaderRule one, @Nullable HeaderRule other) {
        return one == null || (other != null && other.fate().compareTo(one.fate()) > 0) ? other : one;
    }
}

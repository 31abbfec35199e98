package dev.errand.operation.header;

import dev.errand.operation.RequestHeaders;
import dev.errand.operation.header.HeaderRule.Fate;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Rules for header names as a tree with one node for each character. A look-up reads each character of a name at most
 * once and allocates nothing. Filled by one thread, then only read.
 */
final class HeaderTree {
    private static final int FOLDED = 128;
    private static final byte[] FOLD = fold();

    /** The character of the first element of {@code next}. */
    private int first;

    /** The children; the index is the distance of a child's character from {@code first}. */
    private @Nullable HeaderTree[] next = {};

    /** The rule for the name that ends here, or null. */
    private @Nullable HeaderRule whole;

    /** The rule for all names that begin with the characters so far, or null. */
    private @Nullable HeaderRule beginning;

    private static byte[] fold() {
        byte[] fold = new byte[FOLDED];
        for (int c = 0; c < FOLDED; c++) {
            fold[c] = (byte) (c == '_' ? '-' : Character.toLowerCase(c));
        }
        return fold;
    }

    HeaderRule of(CharSequence name) {
        HeaderTree node = this;
        HeaderRule found = HeaderRule.PASS;
        int length = name.length();
        for (int i = 0; i < length; i++) {
            char c = name.charAt(i);
            HeaderTree child = c < FOLDED ? node.child(FOLD[c]) : null;
            if (child == null) {
                return found;
            }
            node = child;
            found = stricter(found, node.beginning);
        }
        return node.whole != null && node.whole.passes() ? node.whole : stricter(found, node.whole);
    }

    void addAll(Fate fate, Collection<String> patterns) {
        patterns.forEach(pattern -> add(fate, RequestHeaders.fold(pattern)));
    }

    private void add(Fate fate, String pattern) {
        HeaderRule rule = new HeaderRule(fate, pattern);
        int end = pattern.endsWith("*") ? pattern.length() - 1 : pattern.length();
        HeaderTree node = this;
        for (int i = 0; i < end; i++) {
            node = node.childOrNew(pattern.charAt(i));
        }
        if (end < pattern.length()) {
            node.beginning = stricter(rule, node.beginning);
        } else {
            node.whole = rule.passes() ? rule : stricter(rule, node.whole);
        }
    }

    HeaderTree copy() {
        HeaderTree copy = new HeaderTree();
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
        HeaderTree made = new HeaderTree();
        wider[c - from] = made;
        first = from;
        next = wider;
        return made;
    }

    private static HeaderRule stricter(HeaderRule one, @Nullable HeaderRule other) {
        return other != null && other.fate().compareTo(one.fate()) > 0 ? other : one;
    }
}

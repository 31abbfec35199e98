package dev.errand.operation.template;

import dev.errand.operation.normalise.CanonicalQuery;
import java.util.Map;
import java.util.Set;

/**
 * One way to call one operation. Immutable and thread-safe.
 *
 * @param template the path, base path included
 * @param methods upper-case
 * @param selectors query keys that must have these values for it to match
 * @param target what it names
 * @param resource the resource, compiled against the template
 */
record Rule(
        PathTemplate template,
        Set<String> methods,
        Map<String, String> selectors,
        TemplateOperation target,
        ResourceTemplate resource) {
    Rule {
        methods = Set.copyOf(methods);
        selectors = Map.copyOf(selectors);
    }

    /** HEAD is its GET, but not one that the query selects: a server may look at these keys for GET alone. */
    boolean admits(String method, CanonicalQuery query) {
        boolean head = method.equals("HEAD");
        if (!methods.contains(head ? "GET" : method)) {
            return false;
        }
        if (selectors.isEmpty()) {
            return true;
        }
        if (head) {
            return false;
        }
        for (Map.Entry<String, String> selector : selectors.entrySet()) {
            if (!selector.getValue().equals(query.get(selector.getKey()))) {
                return false;
            }
        }
        return true;
    }

    /** Which of two that both match a path of that size is the better; a selected query key is as good as a literal. */
    static int compare(Rule a, Rule b, int size) {
        int byPath = PathTemplate.compare(a.template, b.template, size);
        return byPath != 0 ? byPath : Integer.compare(b.selectors.size(), a.selectors.size());
    }

    /**
     * Whether some request that selects by the same query keys matches both equally well, and they name different operations.
     */
    boolean isAmbiguousWith(Rule other) {
        if (target == other.target || selectors.size() != other.selectors.size()) {
            return false;
        }
        if (methods.stream().noneMatch(other.methods::contains)) {
            return false;
        }
        for (Map.Entry<String, String> selector : selectors.entrySet()) {
            String its = other.selectors.get(selector.getKey());
            // A request with the keys of both fits both and is refused as ambiguous: it means neither.
            if (its == null || !its.equals(selector.getValue())) {
                return false;
            }
        }
        return template.ties(other.template);
    }
}

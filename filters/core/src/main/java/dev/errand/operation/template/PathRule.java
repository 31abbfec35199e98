package dev.errand.operation.template;

import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.OperationForm;
import dev.errand.operation.Parameter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One way to call one operation. Immutable and thread-safe.
 *
 * @param template the path, with the base path
 * @param methods upper-case
 * @param selectors query keys that must have these values
 * @param target the operation
 * @param resource the resource, compiled against the template
 * @param each the paths that its requests name besides, or null
 */
record PathRule(
        PathTemplate template,
        Set<String> methods,
        Map<String, String> selectors,
        TemplateOperation target,
        ResourceTemplate resource,
        @Nullable Each each) {
    PathRule {
        methods = Set.copyOf(methods);
        selectors = Map.copyOf(selectors);
    }

    /**
     * Whether the method and the query match. HEAD matches as GET, but not if the query selects the rule: a server may
     * use such keys for GET only.
     */
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

    boolean readsBody() {
        return target.readsBody() || (each != null && each.pointer() != null);
    }

    /** Whether the values of {@code each} decide between this rule and another one that matches the same requests. */
    private boolean isDecidedByValues(PathRule other) {
        return each != null
                && other.each != null
                && each.source().equals(other.each.source())
                && each.below().isEmpty() != other.each.below().isEmpty();
    }

    /** How the rule's requests are written. */
    OperationForm form() {
        String query = new TreeMap<>(selectors)
                .entrySet().stream()
                        .map(each -> each.getKey() + '=' + each.getValue())
                        .collect(Collectors.joining("&"));
        return new OperationForm(
                String.join(",", new TreeSet<>(methods)),
                template.text() + (query.isEmpty() ? "" : '?' + query),
                target.operation().id(),
                target.operation().effect(),
                resource.form(),
                target.parameters().stream().map(Parameter::name).collect(Collectors.toSet()));
    }

    /** Compares two rules that both match a path of that size. A selected query key counts like a literal. */
    static int compare(PathRule a, PathRule b, int size) {
        int byPath = PathTemplate.compare(a.template, b.template, size);
        return byPath != 0 ? byPath : Integer.compare(b.selectors.size(), a.selectors.size());
    }

    /**
     * Whether some request with the same selecting query keys matches both rules equally well, and they name different
     * operations.
     */
    boolean isAmbiguousWith(PathRule other) {
        if (target == other.target || isDecidedByValues(other) || selectors.size() != other.selectors.size()) {
            return false;
        }
        if (methods.stream().noneMatch(other.methods::contains)) {
            return false;
        }
        for (Map.Entry<String, String> selector : selectors.entrySet()) {
            String its = other.selectors.get(selector.getKey());
            // A request with the keys of both rules fits both, and is refused as ambiguous.
            if (its == null || !its.equals(selector.getValue())) {
                return false;
            }
        }
        return template.ties(other.template);
    }
}

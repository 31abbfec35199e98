package dev.errand.operation.template;

import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.template.Segment.Literal;
import dev.errand.operation.template.Segment.Mixed;
import dev.errand.operation.template.Segment.Variable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All rules of a catalogue in a tree, by the segments of their templates. A search follows literals first. If a literal
 * led to a match, variables at the same place are not tried, since the match with the literal is always better. A
 * template with a variable that spans several segments is stored at the node of that variable; the rest of the template
 * is compared from the end of the path. Such a template is tried before literals: if its variable matches nothing, its
 * own next literal is at the same place. Immutable once built, and thread-safe.
 */
final class SegmentTrie {
    private final Node root = new Node();

    private static final class Node {
        private final Map<String, Node> literals = new HashMap<>();
        private final List<Branch> mixed = new ArrayList<>();
        private @Nullable Node variable;
        private final List<PathRule> ends = new ArrayList<>();
        private final List<PathRule> multis = new ArrayList<>();
    }

    private record Branch(Mixed segment, Node node) {}

    /** One search. */
    private static final class Search {
        private final String method;
        private final CanonicalPath path;
        private final CanonicalQuery query;
        private List<PathRule> best = List.of();

        Search(String method, CanonicalPath path, CanonicalQuery query) {
            this.method = method;
            this.path = path;
            this.query = query;
        }

        void offer(PathRule rule) {
            if (rule.template().trailingSlash() != path.trailingSlash() || !rule.admits(method, query)) {
                return;
            }
            if (best.isEmpty()) {
                best = List.of(rule);
                return;
            }
            int order = PathRule.compare(rule, best.get(0), path.size());
            if (order < 0) {
                best = List.of(rule);
            } else if (order == 0) {
                List<PathRule> more = new ArrayList<>(best);
                more.add(rule);
                best = more;
            }
        }
    }

    SegmentTrie(Iterable<PathRule> rules) {
        rules.forEach(this::add);
    }

    private void add(PathRule rule) {
        Node node = root;
        for (Segment segment : rule.template().segments()) {
            if (segment instanceof Literal literal) {
                node = node.literals.computeIfAbsent(literal.text(), text -> new Node());
            } else if (segment instanceof Variable) {
                Node next = node.variable == null ? new Node() : node.variable;
                node.variable = next;
                node = next;
            } else if (segment instanceof Mixed mixed) {
                node = branch(node, mixed);
            } else {
                node.multis.add(rule);
                return;
            }
        }
        node.ends.add(rule);
    }

    private static Node branch(Node node, Mixed mixed) {
        for (Branch branch : node.mixed) {
            if (branch.segment.equals(mixed)) {
                return branch.node;
            }
        }
        Branch added = new Branch(mixed, new Node());
        node.mixed.add(added);
        return added.node;
    }

    /** The best-fitting rules: none, one, or several that fit equally well. */
    List<PathRule> best(String method, CanonicalPath path, CanonicalQuery query) {
        Search search = new Search(method, path, query);
        visit(root, 0, search);
        return search.best;
    }

    private static boolean visit(Node node, int position, Search search) {
        List<PathRule> before = search.best;
        CanonicalPath path = search.path;
        for (int i = 0; i < node.multis.size(); i++) {
            PathRule rule = node.multis.get(i);
            if (endFits(rule.template(), path)) {
                search.offer(rule);
            }
        }
        if (position == path.size()) {
            for (int i = 0; i < node.ends.size(); i++) {
                search.offer(node.ends.get(i));
            }
        } else {
            String segment = path.segment(position);
            Node literal = node.literals.get(segment);
            if (literal != null && visit(literal, position + 1, search)) {
                return true;
            }
            if (node.variable != null && !segment.isEmpty()) {
                visit(Objects.requireNonNull(node.variable), position + 1, search);
            }
            for (int i = 0; i < node.mixed.size(); i++) {
                Branch branch = node.mixed.get(i);
                if (branch.segment.values(segment) != null) {
                    visit(branch.node, position + 1, search);
                }
            }
        }
        return search.best != before;
    }

    private static boolean endFits(PathTemplate template, CanonicalPath path) {
        int size = path.size();
        if (size < template.least()) {
            return false;
        }
        for (int i = size - template.suffix(); i < size; i++) {
            Segment segment = template.at(i, size);
            String text = path.segment(i);
            boolean fits = segment instanceof Literal literal
                    ? literal.text().equals(text)
                    : !text.isEmpty() && (!(segment instanceof Mixed mixed) || mixed.values(text) != null);
            if (!fits) {
                return false;
            }
        }
        return true;
    }
}

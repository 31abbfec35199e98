package dev.errand.token;

import dev.errand.json.Folding;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;

/**
 * {@code path_containment} (our extension): the argument is a path at or below the root, compared segment by segment. A
 * path with an empty, {@code .} or {@code ..} segment is refused, never resolved. Root and argument may both begin with
 * a slash. A path with a slash at its beginning is never below a root without one. An argument may end in one slash, as
 * tools write folders.
 *
 * @param root segments joined by {@code /}, none of them empty, {@code .} or {@code ..}; it may begin with one slash
 */
record PathContainment(String root) implements Constraint {
    public PathContainment {
        if (!isPath(root)) {
            throw new IllegalArgumentException("a root has no empty, . or .. segment, was \"" + root + "\"");
        }
    }

    @Override
    public boolean check(JsonValue argument) {
        return argument instanceof JsonString path && contains(withoutSlash(path.value()));
    }

    @Override
    public boolean subsumes(Constraint child) {
        if (child instanceof Exact exact) {
            return check(exact.value());
        }
        return child instanceof PathContainment path && contains(path.root);
    }

    @Override
    public Constraint folded(Folding folding) {
        return new PathContainment(folding.of(root));
    }

    @Override
    public JsonObject toJson() {
        return ConstraintJson.of("path_containment", "root", new JsonString(root));
    }

    private boolean contains(String path) {
        return path.startsWith(root)
                && (path.length() == root.length() || path.charAt(root.length()) == '/')
                && isPath(path);
    }

    private static String withoutSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    static boolean isPath(String path) {
        int start = path.startsWith("/") ? 1 : 0;
        while (true) {
            int slash = path.indexOf('/', start);
            int end = slash < 0 ? path.length() : slash;
            int length = end - start;
            if (length == 0
                    || (length == 1 && path.charAt(start) == '.')
                    || (length == 2 && path.startsWith("..", start))) {
                return false;
            }
            if (slash < 0) {
                return true;
            }
            start = slash + 1;
        }
    }
}

package dev.errand.credential;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.upstream.GrantedOperation;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What an installation token of a GitHub App may do for one task: the repositories that its grants name, and the permissions that
 * their operations need. Immutable.
 *
 * @param repositories names without the owner, in lower case
 * @param permissions name to level: read, write or admin
 */
public record InstallationScope(Set<String> repositories, Map<String, String> permissions) {
    /** The most repositories of one token, by GitHub. */
    private static final int MAX_REPOSITORIES = 500;

    private static final List<String> LEVELS = List.of("read", "write", "admin");

    public InstallationScope {
        repositories = Set.copyOf(repositories);
        permissions = Map.copyOf(permissions);
    }

    /** The scope, or why a task with these grants gets no token. */
    public sealed interface Outcome {
        /** There is a scope. */
        record Scope(InstallationScope scope) implements Outcome {}

        /** There is none. */
        record None(String why) implements Outcome {}
    }

    /**
     * The scope of a task. Every operation that needs a permission must be granted for repositories that are named, all of one owner:
     * by {@code exact}, {@code one_of} or {@code path_containment} of {@code OWNER/REPO} or of a resource below it.
     *
     * @param placeholders whether the grants are those of a template, in which {@code {name}} stands for a later value
     */
    public static Outcome of(List<GrantedOperation> granted, boolean placeholders) {
        Set<String> owners = new TreeSet<>();
        Set<String> repositories = new TreeSet<>();
        Map<String, String> permissions = new TreeMap<>();
        for (GrantedOperation operation : granted) {
            Set<String> resources = resources(operation.arguments().get("resource"));
            for (String resource : resources == null ? Set.<String>of() : resources) {
                String[] parts = resource.toLowerCase(Locale.ROOT).split("/", 3);
                boolean later = placeholders && parts[0].indexOf('{') >= 0;
                if (!later && (parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty())) {
                    return unnamed(operation.id());
                } else if (!later) {
                    owners.add(parts[0]);
                    repositories.add(parts[1]);
                }
            }
            if (resources == null) {
                return unnamed(operation.id());
            }
            operation.permissions().forEach(permission -> {
                int colon = permission.indexOf(':');
                permissions.merge(
                        permission.substring(0, colon), permission.substring(colon + 1), InstallationScope::higher);
            });
        }
        if (permissions.isEmpty()) {
            return new Outcome.None("grants no operation that needs a permission");
        } else if (owners.size() > 1) {
            return new Outcome.None("grants repositories of several owners (" + String.join(", ", owners)
                    + "), and an installation has one");
        } else if (repositories.size() > MAX_REPOSITORIES) {
            return new Outcome.None("grants more than " + MAX_REPOSITORIES + " repositories");
        }
        return new Outcome.Scope(new InstallationScope(repositories, permissions));
    }

    private static Outcome unnamed(String operation) {
        return new Outcome.None(
                "grants " + operation
                        + " without naming its repositories: write exact, one_of or path_containment of OWNER/REPO for 'resource'");
    }

    private static String higher(String a, String b) {
        return LEVELS.indexOf(a) >= LEVELS.indexOf(b) ? a : b;
    }

    /** The resources that a constraint names, or whose beginning it names; null if it also permits others. */
    private static @Nullable Set<String> resources(@Nullable JsonValue constraint) {
        if (!(constraint instanceof JsonObject object)) {
            return null;
        }
        return switch (String.valueOf(object.string("constraint_type"))) {
            case "exact" -> texts(List.of(object.members().getOrDefault("value", object)));
            case "path_containment" -> texts(List.of(object.members().getOrDefault("root", object)));
            case "one_of" ->
                object.get("values") instanceof JsonArray array
                        ? texts(array.values())
                        : texts(List.of(object.members().getOrDefault("values", object)));
            case "all" -> clauses(object, true);
            case "any" -> clauses(object, false);
            default -> null;
        };
    }

    private static @Nullable Set<String> texts(List<JsonValue> values) {
        Set<String> texts = new HashSet<>();
        for (JsonValue value : values) {
            if (!(value instanceof JsonString text)) {
                return null;
            }
            texts.add(text.value());
        }
        return texts;
    }

    /** Of {@code all} one clause that names resources is enough; of {@code any} each must. */
    private static @Nullable Set<String> clauses(JsonObject object, boolean one) {
        Set<String> named = new HashSet<>();
        for (JsonValue clause :
                object.get("constraints") instanceof JsonArray array ? array.values() : List.<JsonValue>of()) {
            Set<String> resources = resources(clause);
            if (resources != null && one) {
                return resources;
            } else if (resources == null && !one) {
                return null;
            } else if (resources != null) {
                named.addAll(resources);
            }
        }
        return one || named.isEmpty() ? null : named;
    }
}

package dev.errand.operation.kubernetes;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.Effect;
import dev.errand.operation.Narrowing;
import dev.errand.operation.Operation;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RenamedCatalogue;
import dev.errand.operation.WrittenGrant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds grants of operations that have another effect in this build, and grants that need a further grant in this build.
 * A grant does not say whether a patch is meant to create objects, or to be tried by a dry run. So a patch is reported if
 * the template grants neither {@code create} nor {@code get} of the kind, or grants one of them, but not for the name of
 * the patch. If the template grants {@code get} for this name and no {@code create}, the patch is assumed to change only
 * existing objects. Thread-safe.
 */
public final class KubernetesNarrowing implements Narrowing {
    private static final int MAX_NAMED = 5;

    @Override
    public @Nullable String of(WrittenGrant grant) {
        OperationCatalogue catalogue = grant.catalogue();
        OperationCatalogue original = catalogue instanceof RenamedCatalogue renamed ? renamed.original() : catalogue;
        if (!(original instanceof KubernetesCatalogue)) {
            return null;
        }
        List<String> sentences = new ArrayList<>();
        Set<String> lost = lost(grant);
        if (!lost.isEmpty()) {
            sentences.add(
                    "it grants " + String.join(", ", lost) + " no more, since patch, update and deletecollection of"
                            + " secrets are admin and an eviction is delete: grant them by their ids where they are meant");
        }
        Set<String> creates = new TreeSet<>();
        Set<String> shows = new TreeSet<>();
        Set<String> lists = new TreeSet<>();
        for (Operation operation : grant.operations()) {
            String id = operation.id();
            int dot = id.lastIndexOf('.');
            String kind = id.substring(0, dot + 1);
            String verb = id.substring(dot + 1);
            if (!isOfObject(id.substring(id.indexOf(':') + 1))) {
                continue;
            }
            if (creates(grant, kind, verb)) {
                creates.add(id);
            }
            if (shows(grant, kind, verb)) {
                shows.add(id);
            }
            if (verb.equals("deletecollection") && !grant.allowed().containsKey(kind + "list")) {
                lists.add(id);
            }
        }
        if (!creates.isEmpty()) {
            sentences.add("a call of " + named(creates) + " that makes the object (an apply, or an update of what"
                    + " is not there) needs a grant of create on the same name");
        }
        if (!shows.isEmpty()) {
            sentences.add("a call of " + named(shows) + " that shows the object (a dry run, or a deletion that keeps"
                    + " the object for a while) needs a grant of get on the same name");
        }
        if (!lists.isEmpty()) {
            sentences.add("a dry run of " + named(lists) + " needs a grant of list, since it shows the objects");
        }
        return sentences.isEmpty() ? null : "since this build " + String.join("; ", sentences);
    }

    /** Whether the operation is about an object, and the apiserver does it itself. */
    private static boolean isOfObject(String own) {
        return !own.startsWith("nonresource.") && !own.contains("/proxy.");
    }

    private static boolean creates(WrittenGrant grant, String kind, String verb) {
        String create = kind + "create";
        return switch (verb) {
            case "update" ->
                Needs.isCreatedByUpdate(kind.substring(kind.indexOf(':') + 1, kind.length() - 1))
                        && !covers(grant, create);
            case "patch" -> isGranted(grant, create) ? !covers(grant, create) : !isGranted(grant, kind + "get");
            default -> false;
        };
    }

    private static boolean shows(WrittenGrant grant, String kind, String verb) {
        String get = kind + "get";
        return switch (verb) {
            case "update", "delete" -> !covers(grant, get);
            case "patch" -> isGranted(grant, get) ? !covers(grant, get) : !isGranted(grant, kind + "create");
            default -> false;
        };
    }

    private static boolean isGranted(WrittenGrant grant, String id) {
        return grant.allowed().containsKey(id);
    }

    /** The first ids, and how many more there are: a {@code *} grant may have hundreds. */
    private static String named(Set<String> ids) {
        String first = ids.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        return ids.size() <= MAX_NAMED ? first : first + " and " + (ids.size() - MAX_NAMED) + " more";
    }

    /** The operations that a {@code *} grant included in the build before, and does not include now. */
    private static Set<String> lost(WrittenGrant grant) {
        Set<String> lost = new TreeSet<>();
        if (!grant.written().endsWith(":*")) {
            return lost;
        }
        Verbs.changed().forEach((own, before) -> {
            String id = grant.catalogue().name() + ':' + own;
            Effect now = grant.catalogue().operation(id).map(Operation::effect).orElse(before);
            if (grant.effects().contains(before)
                    && !grant.effects().contains(now)
                    && !grant.allowed().containsKey(id)) {
                lost.add(id);
            }
        });
        return lost;
    }

    /** Whether the other operation is granted wherever this grant applies, as far as the written constraints show. */
    private static boolean covers(WrittenGrant grant, String other) {
        JsonObject arguments = grant.allowed().get(other);
        if (arguments == null) {
            return false;
        }
        Set<String> named = new HashSet<>();
        strings(arguments, named);
        Set<String> own = new HashSet<>();
        strings(grant.arguments(), own);
        return arguments.members().isEmpty() || (!own.isEmpty() && named.containsAll(own));
    }

    /** Collects the strings in constraints. */
    private static void strings(JsonValue value, Set<String> found) {
        if (value instanceof JsonString text) {
            found.add(text.value());
        } else if (value instanceof JsonArray array) {
            array.values().forEach(each -> strings(each, found));
        } else if (value instanceof JsonObject object) {
            object.members().forEach((name, each) -> {
                if (!name.equals("constraint_type")) {
                    strings(each, found);
                }
            });
        }
    }
}

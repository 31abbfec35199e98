package dev.errand.operation.kubernetes;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.CanonicalQuery;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether an apiserver only shows what a call would do. */
enum DryRun {
    /** The call is executed. */
    NONE,
    /** The call may be executed or not. So it advances the plan, and what a dry run shows must be granted. */
    POSSIBLE,
    /** The call is not executed. */
    CERTAIN;

    private static final String OPTION = "dryRun";
    private static final String ALL = "All";
    private static final Set<String> VERBS = Set.of("create", "update", "patch", "delete", "deletecollection");
    private static final Set<String> SUBRESOURCES = Set.of("status", "scale");

    /** Classifies a request. */
    static DryRun of(RequestInfo info, DeleteOptions options, CanonicalQuery query) {
        if (info.resource() == null || !VERBS.contains(info.verb()) || info.isProxied()) {
            return NONE;
        }
        DryRun asked = options.present() ? ofBody(options.body()) : ALL.equals(query.get(OPTION)) ? CERTAIN : NONE;
        // Some of the other subresources obey the option, and some ignore it. So do kinds that are not stored.
        boolean heeded = StoredKinds.contains(info.kind())
                && (info.subresource() == null || SUBRESOURCES.contains(info.subresource()));
        return asked == CERTAIN && !heeded ? POSSIBLE : asked;
    }

    private static DryRun ofBody(@Nullable JsonObject options) {
        if (options == null) {
            return POSSIBLE;
        }
        for (Map.Entry<String, JsonValue> member : options.members().entrySet()) {
            if (member.getKey().equalsIgnoreCase(OPTION)) {
                return member.getKey().equals(OPTION) && isAll(member.getValue()) ? CERTAIN : POSSIBLE;
            }
        }
        return NONE;
    }

    private static boolean isAll(JsonValue value) {
        return value instanceof JsonArray array && array.values().equals(List.of(new JsonString(ALL)));
    }
}

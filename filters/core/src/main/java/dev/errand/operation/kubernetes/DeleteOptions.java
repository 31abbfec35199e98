package dev.errand.operation.kubernetes;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.CatalogueRequest;
import dev.errand.operation.JsonBody;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of a DELETE: those in its body if it has one, else those in its query. Immutable.
 *
 * @param present whether there is a body, so that the query is ignored
 * @param body the options in the body; null if there is no body, or if it is not readable as a JSON object
 * @param misnamed whether a member of the body has a name that not all readers read alike, so that the request is
 *     malformed
 */
record DeleteOptions(boolean present, @Nullable JsonObject body, boolean misnamed) {
    private static final DeleteOptions OF_QUERY = new DeleteOptions(false, null, false);
    private static final DeleteOptions UNREADABLE = new DeleteOptions(true, null, false);
    private static final DeleteOptions MISNAMED = new DeleteOptions(true, null, true);

    private static final String POLICY = "propagationPolicy";
    private static final String ORPHAN = "orphanDependents";

    /** With this policy the object is gone before the answer, which then does not show the object. */
    private static final String BACKGROUND = "Background";

    /** Reads the body of a request once. A request of another method has no options. */
    static DeleteOptions of(CatalogueRequest request) {
        byte[] body = request.body();
        if (body == null || body.length == 0 || !request.method().equals("DELETE")) {
            return OF_QUERY;
        }
        JsonBody read = JsonBody.of(request);
        if (read instanceof JsonBody.Misnamed) {
            return MISNAMED;
        }
        return read instanceof JsonBody.Value document && document.value() instanceof JsonObject options
                ? new DeleteOptions(true, options, false)
                : UNREADABLE;
    }

    /** Whether there is an unreadable body, which may hold any option. */
    boolean isUnreadable() {
        return present && body == null;
    }

    /**
     * Whether the options may keep the object until its dependents are deleted or released: then an apiserver answers
     * with the whole object. Letter case of a name in the body is ignored, as an apiserver does.
     */
    boolean keep(CanonicalQuery query) {
        if (isUnreadable()) {
            return true;
        }
        if (body != null) {
            for (Map.Entry<String, JsonValue> option : body.members().entrySet()) {
                JsonValue value = option.getValue();
                if (option.getKey().equalsIgnoreCase(POLICY) && !value.equals(new JsonString(BACKGROUND))
                        || option.getKey().equalsIgnoreCase(ORPHAN) && !value.equals(new JsonBoolean(false))) {
                    return true;
                }
            }
            return false;
        }
        for (int i = 0; i < query.size(); i++) {
            if (query.key(i).equals(POLICY) && !query.value(i).equals(BACKGROUND)
                    || query.key(i).equals(ORPHAN) && !query.value(i).equals("false")) {
                return true;
            }
        }
        return false;
    }
}

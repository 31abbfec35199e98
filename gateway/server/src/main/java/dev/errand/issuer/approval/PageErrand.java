package dev.errand.issuer.approval;

import dev.errand.issuer.AskedTasks;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Why a human is sent to the provider: to look, or to decide on one request as it was shown. The {@code state} of the sign-in
 * holds it. Immutable.
 *
 * @param id the request's id; null for the list
 * @param decision null for a look
 * @param human who saw the request, by {@link PageSession#label}; null for a look
 * @param session the mark of the session whose form was sent; null for a look
 * @param page the page that it is about. At {@link Page#START} the id is the first half of a code
 */
record PageErrand(
        @Nullable String id,
        @Nullable Decision decision,
        @Nullable String human,
        @Nullable String session,
        Page page) {
    /** The pages. */
    enum Page {
        APPROVALS,
        START,
        ERRANDS
    }

    /** A look at the human's own tasks and errands. */
    static final PageErrand ERRANDS = new PageErrand(null, null, null, null, Page.ERRANDS);

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,192}");
    private static final Pattern DIGEST = Pattern.compile("sha-256:[A-Za-z0-9_-]{43}");

    /** @param id the id in the path; a text that is no id leads to the list */
    static PageErrand look(@Nullable String id) {
        return new PageErrand(id != null && ID.matcher(id).matches() ? id : null, null, null, null, Page.APPROVALS);
    }

    /** @param first the first half of a code; null for the page where one is typed */
    static PageErrand start(@Nullable String first) {
        return new PageErrand(AskedTasks.isHalf(first) ? first : null, null, null, null, Page.START);
    }

    /** A human allows a task as it was shown. */
    static PageErrand allow(String first, String digest, PageSession session) {
        return new PageErrand(
                first,
                new Decision(true, digest),
                PageSession.label(session.decider().human()),
                session.session().mark(),
                Page.START);
    }

    /** @param decision has the digest of the request that was shown */
    static PageErrand decide(String id, Decision decision, PageSession session) {
        return new PageErrand(
                id,
                decision,
                PageSession.label(session.decider().human()),
                session.session().mark(),
                Page.APPROVALS);
    }

    /** Whether it is about a task that an agent asks for. */
    boolean isStart() {
        return page == Page.START;
    }

    static boolean isDigest(@Nullable String text) {
        return text != null && DIGEST.matcher(text).matches();
    }

    JsonObject json() {
        Map<String, JsonValue> json = new LinkedHashMap<>();
        put(json, "id", id);
        put(json, "human", human);
        put(json, "session", session);
        put(json, "page", page == Page.APPROVALS ? null : page.name());
        if (decision != null) {
            put(json, "decision", decision.approves() ? "approve" : "refuse");
            put(json, "digest", decision.digest());
        }
        return new JsonObject(json);
    }

    private static void put(Map<String, JsonValue> json, String name, @Nullable String value) {
        if (value != null) {
            json.put(name, new JsonString(value));
        }
    }

    /** @param json the object that {@link #json} made */
    static PageErrand of(JsonObject json) {
        String word = json.string("decision");
        String digest = json.string("digest");
        return new PageErrand(
                json.string("id"),
                word == null || digest == null ? null : new Decision(word.equals("approve"), digest),
                json.string("human"),
                json.string("session"),
                json.string("page") == null ? Page.APPROVALS : Page.valueOf(json.string("page")));
    }

    /** The path of the page to which people go afterwards. */
    String path() {
        return switch (page) {
            case APPROVALS -> ApprovalRoutes.PATH + (id == null ? "" : "/" + id);
            case START -> StartPages.PATH + (id == null ? "" : "?user_code=" + id);
            case ERRANDS -> ErrandsPages.PATH;
        };
    }
}

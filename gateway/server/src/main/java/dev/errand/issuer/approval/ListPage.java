package dev.errand.issuer.approval;

import dev.errand.json.JsonValue.JsonObject;
import java.util.List;

/** The page of all requests that a human may decide on. */
final class ListPage {
    private ListPage() {}

    /** @param list the JSON that programs get for the same list */
    public static String of(PageFrame frame, PageFrame.Reader reader, JsonObject list) {
        Html body = new Html();
        List<JsonObject> approvals = new Shown(list).objects("approvals");
        int count = approvals.size();
        body.raw("<h1>"
                + (count == 0
                        ? "Nothing waits for you"
                        : count == 1 ? "One call waits for you" : count + " calls wait for you")
                + "</h1>");
        if (count == 0) {
            body.raw(
                    "<p class=\"lead\">When an agent needs your approval for a call, the call appears here. Load this page"
                            + " again to look.</p>");
        } else {
            body.raw(
                    "<p class=\"lead\">Each call was stopped. It is sent only if people approve it.</p><ul class=\"list\">");
            approvals.forEach(approval -> row(frame, body, approval));
            body.raw("</ul>");
        }
        return frame.page("Approvals", reader, body);
    }

    private static void row(PageFrame frame, Html body, JsonObject approval) {
        Shown shown = new Shown(approval);
        body.raw("<li><a href=\"")
                .text(frame.base() + "/approvals/" + shown.text("id"))
                .raw("\"><strong>")
                .text(shown.text("operation"))
                .raw("</strong>");
        shown.texts("resource")
                .forEach(resource -> body.raw("<code>").text(resource).raw("</code>"));
        body.raw("<span class=\"meta\">").text(shown.human()).raw(", template ").text(shown.text("template"));
        body.raw(" · ").text(RequestSentences.left(shown.number("expires_in"))).raw(" left</span></a></li>");
    }
}

package dev.errand.issuer.approval;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One request in sentences for a terminal, in the order of its page ({@link RequestPage}). Pure. */
public final class RequestText {
    private final Shown shown;
    private final List<String> lines = new ArrayList<>();

    private RequestText(JsonObject request) {
        this.shown = new Shown(request);
    }

    /**
     * The lines, which are not yet printable: an agent chose parts of them.
     *
     * @param request in the form that programs get
     */
    public static List<String> lines(JsonObject request) {
        return new RequestText(request).all();
    }

    private List<String> all() {
        boolean waits = shown.text("state").equals("pending");
        lines.add(waits ? "May the agent make this call?" : "This call is approved.");
        lines.add(waits ? "It was stopped, and is sent only if people approve it." : RequestSentences.approved(shown));
        lines.add("The request ends in " + RequestSentences.left(shown.number("expires_in")) + ", at "
                + RequestSentences.clock(shown.number("expires")) + ".");
        asked();
        stopped();
        who();
        follows();
        long quorum = shown.number("quorum");
        if (waits && quorum > 1) {
            lines.add("");
            lines.add(quorum + " people must approve; " + Math.max(0, shown.number("approvals")) + " did so far.");
        }
        lines.add("");
        lines.add("Digest " + shown.text("digest"));
        List<String> offer = waits ? RequestSentences.offer(shown) : List.of();
        if (!offer.isEmpty()) {
            head("One answer for several calls");
            lines.addAll(offer);
            lines.add("Digest " + shown.text("offer_digest"));
        }
        return lines;
    }

    private void asked() {
        head("What is asked");
        lines.add("Operation: " + shown.text("operation"));
        shown.texts("resource").forEach(resource -> lines.add("Resource: " + resource));
        lines.add("Request: " + shown.text("method") + " " + shown.text("target"));
        int before = lines.size();
        for (JsonObject call : shown.objects("arguments")) {
            Shown.others(call, shown.texts("resource"))
                    .forEach((name, value) -> lines.add("Argument " + name + ": " + Shown.plain(value)));
        }
        if (lines.size() == before) {
            lines.add("Arguments: none beside the resource.");
        }
        JsonObject read = shown.object("shown");
        JsonObject headers = read == null ? null : read.object("headers");
        if (headers == null || headers.members().isEmpty()) {
            lines.add("Headers: none that people are shown.");
        } else {
            headers.members().forEach((name, value) -> lines.add("Header " + name + ": " + Shown.plain(value)));
        }
        if (read != null) {
            marked(new Shown(read).texts("cut"), RequestSentences.CUT);
            marked(new Shown(read).texts("left_out"), RequestSentences.LEFT_OUT);
        }
        String body = read == null ? null : read.string("body");
        if (shown.text("body").isEmpty()) {
            lines.add("Body: none.");
        } else if (body == null) {
            lines.add("Body: the gateway keeps its SHA-256, not the body: " + shown.text("body"));
        } else {
            lines.add("Body:");
            body.lines().forEach(line -> lines.add("  " + line));
        }
    }

    private void marked(List<String> names, String how) {
        if (!names.isEmpty()) {
            lines.add(how + String.join(", ", names));
        }
    }

    private void stopped() {
        head("Why it was stopped");
        lines.add(RequestSentences.why(shown.text("code")));
        List<String> why = shown.texts("why");
        List<JsonObject> objected = shown.objects("objected");
        for (int i = 0; i < why.size(); i++) {
            String where = i < objected.size() ? RequestSentences.objection(objected.get(i)) : "";
            lines.add("- " + why.get(i) + (where.isEmpty() ? "" : " (" + where + ")"));
        }
        long refused = shown.number("refused_before");
        if (refused > 0) {
            lines.add(RequestSentences.refused(refused));
        }
        String integrity = RequestSentences.integrity(shown);
        if (!integrity.isEmpty()) {
            lines.add(integrity);
        }
    }

    private void who() {
        head("Who asks");
        JsonObject human = shown.object("human");
        lines.add("For: " + shown.human() + (human == null ? "" : " of " + new Shown(human).text("iss")));
        for (JsonObject agent : shown.objects("agents")) {
            Shown holder = new Shown(agent);
            String name = holder.text("sub").isEmpty() ? "key " + holder.text("jkt") : holder.text("sub");
            boolean own = new JsonBoolean(false).equals(agent.get("attested"));
            lines.add("Agent: " + name + (own ? " (this name is the agent's own word)" : ""));
        }
        JsonObject instruction = shown.object("instruction");
        if (instruction == null) {
            lines.add("Instruction: none was given.");
        } else {
            Shown told = new Shown(instruction);
            lines.add("Instruction: from " + told.text("source")
                    + (told.text("ref").isEmpty() ? "" : ": " + told.text("ref"))
                    + (told.text("digest").isEmpty() ? "" : ", hash " + told.text("digest")));
        }
        lines.add("Template: " + shown.text("template"));
        lines.add("Task: " + shown.text("task"));
    }

    private void follows() {
        head("What would follow");
        List<String> consequences = shown.texts("consequences");
        lines.add(
                consequences.isEmpty()
                        ? "No further operation becomes possible by this call."
                        : "These operations become possible, which are not possible now: "
                                + String.join(", ", consequences));
        lines.add(RequestSentences.used(shown.number("used")));
        JsonObject closest = shown.object("closest");
        if (closest == null) {
            lines.add("The task may call nothing else at this point.");
            return;
        }
        lines.add("The nearest call that is allowed now is " + new Shown(closest).text("operation") + ".");
        JsonObject limits = closest.object("arguments");
        for (Map.Entry<String, JsonValue> limit :
                (limits == null ? JsonObject.EMPTY : limits).members().entrySet()) {
            lines.add("- " + limit.getKey() + " " + RequestSentences.limit(limit.getValue()));
        }
    }

    private void head(String title) {
        lines.add("");
        lines.add(title);
    }
}

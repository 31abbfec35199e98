package dev.errand.issuer.approval;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The page of one request. First comes the call, then why it was stopped, who asks, and the consequences. The decision
 * comes after the text that people should read. Immutable.
 *
 * @param reader the human who looks
 * @param decided whether this human approved it already
 */
record RequestPage(PageFrame frame, PageFrame.Reader reader, boolean decided) {
    private static final List<String> MEMBERS = List.of(
            "task",
            "leaf",
            "operation",
            "resource",
            "args_hash",
            "method",
            "target",
            "headers",
            "body",
            "state_before",
            "integrity",
            "revision",
            "code",
            "objections",
            "expires");

    /** @param issuer the identity provider of the human who looks at the page; {@code subject} is the human's name at this provider */
    public static RequestPage of(
            PageFrame frame, PageFrame.Reader reader, JsonObject request, String issuer, String subject) {
        return new RequestPage(frame, reader, new Shown(request).isApprovedBy(issuer, subject));
    }

    /** @param request in the form that programs get */
    public String html(JsonObject request) {
        Shown shown = new Shown(request);
        Html body = new Html();
        boolean waits = shown.text("state").equals("pending");
        body.raw("<h1>" + (waits ? "May the agent make this call?" : "This call is approved")
                + "</h1><p class=\"lead\">");
        body.raw(
                waits
                        ? "It was stopped, and is sent only if people approve it. "
                        : RequestSentences.approved(shown) + " ");
        body.raw("The request ends in <strong>")
                .text(RequestSentences.left(shown.number("expires_in")))
                .raw("</strong>, at ")
                .text(RequestSentences.clock(shown.number("expires")))
                .raw(".</p>");
        asked(body, shown);
        stopped(body, shown);
        who(body, shown);
        follows(body, shown);
        decision(body, shown, waits);
        all(body, shown);
        return frame.page("Approve " + shown.text("operation"), reader, body);
    }

    private static void asked(Html body, Shown shown) {
        body.raw("<section class=\"asked\"><h2>What is asked</h2><dl>");
        body.raw("<div><dt>Operation</dt><dd class=\"large\">")
                .text(shown.text("operation"))
                .raw("</dd></div>");
        List<String> resources = shown.texts("resource");
        body.raw("<div><dt>" + (resources.size() == 1 ? "Resource" : "Resources") + "</dt><dd class=\"large\">");
        resources.forEach(resource -> body.element("code", resource));
        body.raw("</dd></div>");
        body.code("Request", shown.text("method") + " " + shown.text("target"));
        body.raw("<div><dt>Arguments</dt><dd>");
        arguments(body, shown);
        hash(body, shown.text("args_hash")).raw("</dd></div>");
        headers(body, shown);
        body(body, shown);
        body.raw("</dl></section>");
    }

    private static void headers(Html body, Shown shown) {
        JsonObject read = shown.object("shown");
        JsonObject headers = read == null ? null : read.object("headers");
        body.raw("<div><dt>Headers</dt><dd>");
        if (headers == null || headers.members().isEmpty()) {
            body.raw("None that people are shown.");
        } else {
            body.values(headers);
        }
        if (read != null) {
            marked(body, new Shown(read).texts("cut"), RequestSentences.CUT);
            marked(body, new Shown(read).texts("left_out"), RequestSentences.LEFT_OUT);
        }
        hash(body, shown.text("headers")).raw("</dd></div>");
    }

    private static void marked(Html body, List<String> names, String how) {
        if (!names.isEmpty()) {
            body.raw("<p>").text(how);
            names.forEach(name -> body.element("code", name).text(" "));
            body.raw("</p>");
        }
    }

    private static void body(Html body, Shown shown) {
        String hash = shown.text("body");
        if (hash.isEmpty()) {
            body.entry("Body", "None.");
            return;
        }
        JsonObject read = shown.object("shown");
        String text = read == null ? null : read.string("body");
        body.raw("<div><dt>Body</dt><dd>");
        if (text == null) {
            body.raw("The gateway keeps the SHA-256 of this body, not the body.");
        } else {
            body.raw("<pre>").lines(text).raw("</pre>");
        }
        hash(body, hash).raw("</dd></div>");
    }

    private static Html hash(Html body, String hash) {
        return body.raw("<span class=\"hash\">Hash <code>").text(hash).raw("</code></span>");
    }

    private static void arguments(Html body, Shown shown) {
        List<JsonObject> calls = shown.objects("arguments");
        List<String> resources = shown.texts("resource");
        boolean none =
                calls.stream().allMatch(call -> Shown.others(call, resources).isEmpty());
        if (none) {
            body.raw("None beside the resource.");
            return;
        }
        calls.forEach(body::values);
    }

    private static void stopped(Html body, Shown shown) {
        body.raw("<section><h2>Why it was stopped</h2><p>")
                .text(RequestSentences.why(shown.text("code")))
                .raw("</p>");
        List<String> why = shown.texts("why");
        List<JsonObject> objected = shown.objects("objected");
        body.raw("<ul>");
        for (int i = 0; i < why.size(); i++) {
            body.raw("<li>").quoting(why.get(i));
            String where = i < objected.size() ? RequestSentences.objection(objected.get(i)) : "";
            if (!where.isEmpty()) {
                body.raw("<span class=\"hash\">").text(where).raw("</span>");
            }
            body.raw("</li>");
        }
        body.raw("</ul>");
        long refused = shown.number("refused_before");
        if (refused > 0) {
            body.raw("<p class=\"care\">")
                    .text(RequestSentences.refused(refused))
                    .raw("</p>");
        }
        String integrity = RequestSentences.integrity(shown);
        if (!integrity.isEmpty()) {
            body.raw(shown.warnsOfContent() ? "<p class=\"care\">" : "<p>")
                    .text(integrity)
                    .raw("</p>");
        }
        body.raw("</section>");
    }

    private static void who(Html body, Shown shown) {
        JsonObject human = shown.object("human");
        body.raw("<section><h2>Who asks</h2><dl>");
        body.raw("<div><dt>For</dt><dd>").text(shown.human());
        if (human != null) {
            body.raw("<span class=\"hash\">of ")
                    .text(new Shown(human).text("iss"))
                    .raw("</span>");
        }
        body.raw("</dd></div><div><dt>Agent</dt><dd>");
        for (JsonObject agent : shown.objects("agents")) {
            Shown holder = new Shown(agent);
            String name = holder.text("sub");
            body.element("code", name.isEmpty() ? "key " + holder.text("jkt") : name);
            if (new JsonBoolean(false).equals(agent.get("attested"))) {
                body.raw("<span class=\"hash\">This name is the agent's own word.</span>");
            }
        }
        body.raw("</dd></div>");
        instruction(body, shown.object("instruction"));
        body.code("Template", shown.text("template")).code("Task", shown.text("task"));
        body.raw("</dl></section>");
    }

    private static void instruction(Html body, @Nullable JsonObject instruction) {
        if (instruction == null) {
            body.entry("Instruction", "None was given.");
            return;
        }
        Shown shown = new Shown(instruction);
        body.raw("<div><dt>Instruction</dt><dd>from ").text(shown.text("source"));
        if (!shown.text("ref").isEmpty()) {
            body.raw(": ").element("code", shown.text("ref"));
        }
        if (!shown.text("digest").isEmpty()) {
            body.raw("<span class=\"hash\">Hash <code>")
                    .text(shown.text("digest"))
                    .raw("</code></span>");
        }
        body.raw("</dd></div>");
    }

    private static void follows(Html body, Shown shown) {
        body.raw("<section><h2>What would follow</h2>");
        List<String> consequences = shown.texts("consequences");
        if (consequences.isEmpty()) {
            body.raw("<p>No further operation becomes possible by this call.</p>");
        } else {
            body.raw("<p class=\"care\">These operations become possible, which are not possible now:</p><ul>");
            consequences.forEach(id -> body.raw("<li>").element("code", id).raw("</li>"));
            body.raw("</ul>");
        }
        body.raw("<p>").text(RequestSentences.used(shown.number("used"))).raw("</p>");
        JsonObject closest = shown.object("closest");
        if (closest == null) {
            body.raw("<p>The task may call nothing else at this point.</p>");
        } else {
            body.raw("<p>The nearest call that is allowed now is ")
                    .element("code", new Shown(closest).text("operation"));
            JsonObject limits = closest.object("arguments");
            if (limits == null || limits.members().isEmpty()) {
                body.raw(".</p>");
            } else {
                body.raw(", with:</p><ul>");
                limits.members()
                        .forEach((name, limit) -> body.raw("<li>")
                                .element("code", name)
                                .raw(" ")
                                .text(RequestSentences.limit(limit))
                                .raw("</li>"));
                body.raw("</ul>");
            }
        }
        body.raw("</section>");
    }

    private void decision(Html body, Shown shown, boolean waits) {
        long quorum = shown.number("quorum");
        long given = Math.max(0, shown.number("approvals"));
        if (!waits) {
            return;
        }
        body.raw("<section class=\"decide\"><h2>Your decision</h2>");
        if (quorum > 1) {
            body.raw("<p>" + quorum + " people must approve; " + given + (given == 1 ? " has" : " have")
                    + " so far.</p>");
        }
        body.raw("<p>You sign in once more, so that it is you who decides.</p>");
        if (decided) {
            body.raw("<p><strong>You approved this call.</strong> You may still refuse it.</p>");
        } else {
            form(body, shown, "approve", shown.text("digest"), "Approve this one call");
            offer(body, shown);
        }
        body.raw("<div class=\"apart\">");
        form(body, shown, "refuse", shown.text("digest"), "Refuse");
        body.raw(
                "<p class=\"hash\">A refusal counts at once, whoever approved, until the task ends.</p></div></section>");
    }

    private void offer(Html body, Shown shown) {
        List<String> lines = RequestSentences.offer(shown);
        if (lines.isEmpty()) {
            return;
        }
        body.raw("<h2>One answer for several calls</h2><p class=\"care\">")
                .text(lines.get(0))
                .raw("</p><ul>");
        lines.subList(1, lines.size())
                .forEach(line -> body.raw("<li>").text(line).raw("</li>"));
        body.raw("</ul>");
        long calls = new Shown(Objects.requireNonNull(shown.object("offer"))).number("calls");
        form(
                body,
                shown,
                "approve",
                shown.text("offer_digest"),
                "Approve up to " + RequestSentences.count(calls, "such call"));
    }

    private void form(Html body, Shown shown, String word, String digest, String label) {
        body.raw("<form method=\"post\" action=\"")
                .text(frame.base() + "/approvals/" + shown.text("id"))
                .raw("\">");
        PageFrame.token(body, reader, shown.text("id"));
        body.raw("<input type=\"hidden\" name=\"digest\" value=\"").text(digest);
        body.raw("\"><button name=\"decision\" value=\"" + word + "\" class=\"" + word + "\">" + label
                + "</button></form>");
    }

    private static void all(Html body, Shown shown) {
        body.raw("<details><summary>Everything that is approved, as programs see it</summary><dl>");
        for (String name : MEMBERS) {
            JsonValue value = shown.json().get(name);
            body.code(
                    "<code>" + name + "</code>",
                    value == null || value instanceof JsonValue.JsonNull ? "none" : plain(value));
        }
        body.code("digest", shown.text("digest"));
        JsonValue offer = shown.json().get("offer");
        if (offer != null) {
            body.code("<code>offer</code>", plain(offer)).code("offer_digest", shown.text("offer_digest"));
        }
        body.raw("</dl></details>");
    }

    private static String plain(JsonValue value) {
        return value instanceof JsonArray array
                ? String.join(" ", array.values().stream().map(Shown::plain).toList())
                : Shown.plain(value);
    }
}

package dev.errand.issuer.approval;

import dev.errand.issuer.AskedTask;
import dev.errand.issuer.Grant;
import dev.errand.issuer.StandingAsked;
import dev.errand.issuer.approval.StartShown.GrantedCall;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.sequence.PlanStep;
import dev.errand.sequence.Times;
import dev.errand.token.Instruction;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The page of a task that an agent asks for. First comes who asks and what can change, then all else that the task may do, then the
 * decision. Immutable.
 */
record StartPage(PageFrame frame, PageFrame.Reader reader, StartShown shown) {
    /** The name of the form that decides about a request. */
    static String form(String first) {
        return "start " + first;
    }

    /** The page where people type the code that an agent shows. */
    static String code(PageFrame frame, PageFrame.Reader reader) {
        Html body = new Html()
                .raw("<h1>Does an agent ask you for a task?</h1>")
                .raw("<p class=\"lead\">Type the code only if you began this yourself, and expect it.</p>")
                .raw("<section class=\"decide\"><form method=\"get\" action=\"")
                .text(frame.base() + StartPages.PATH)
                .raw("\"><label for=\"code\">The first four letters of the code that the agent shows</label>")
                .raw("<input id=\"code\" name=\"user_code\" class=\"code\" required minlength=\"4\" maxlength=\"9\"")
                .raw(" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\">")
                .raw("<button class=\"approve\">Show the task</button></form></section>");
        return frame.page("Allow a task", reader, body);
    }

    String html() {
        AskedTask request = shown.seen().request();
        Grant grant = shown.seen().grant();
        Html body = new Html();
        body.raw("<h1>May this agent do this task for you?</h1><p class=\"lead\">")
                .text(RequestSentences.name(request.agent()))
                .raw(" asks for the task <strong>")
                .text(request.template())
                .raw("</strong>. It can do nothing before you allow it, and nothing that is not on this page.</p>");
        StandingAsked runs = request.standing();
        if (runs != null) {
            standing(body, frame.base(), request, runs);
        }
        who(body, request, grant);
        values(body, grant);
        calls(body);
        plan(body);
        limits(body);
        decision(body, request, grant);
        all(body, request, grant);
        return frame.page("Allow " + request.template(), reader, body);
    }

    /** What comes first if the human is to allow many runs. */
    private static void standing(Html body, String base, AskedTask request, StandingAsked runs) {
        body.raw("<section class=\"asked standing\"><h2>This is for many runs</h2><p class=\"large\">")
                .text("You allow "
                        + RequestSentences.standing(
                                runs.runs(),
                                runs.until(),
                                runs.limit(),
                                request.times().asked()) + ".")
                .raw("</p><ul><li>")
                .text("No run begins after "
                        + RequestSentences.clock(runs.until().getEpochSecond()) + ".")
                .raw("</li><li>")
                .text("All runs together may make at most " + RequestSentences.count(runs.calls(), "call") + ".")
                .raw("</li><li>You can end it at any time, with all its runs, at <code>")
                .text(base + ErrandsPages.PATH)
                .raw("</code>.</li></ul></section>");
    }

    private void who(Html body, AskedTask request, Grant grant) {
        body.raw("<section class=\"asked\"><h2>Who asks</h2><dl>");
        body.raw("<div><dt>Agent</dt><dd class=\"large\">")
                .text(RequestSentences.name(request.agent()))
                .raw("<span class=\"hash\">Its identity is proved: <code>")
                .text(request.agent())
                .raw("</code></span></dd></div>");
        body.raw("<div><dt>Asked</dt><dd>at ")
                .text(RequestSentences.clock(request.times().asked()))
                .raw(", from the address ")
                .element("code", request.from())
                .raw("</dd></div>");
        body.raw("<div><dt>Code</dt><dd class=\"large\"><code>")
                .text(request.code().first())
                .raw(
                        "-····</code><span class=\"hash\">Your agent shows the same first letters. If you did not begin this, refuse"
                                + " it.</span></dd></div>");
        String description = grant.template().description();
        if (description != null) {
            body.entry("What such a task is for", description);
        }
        if (request.purpose() != null) {
            body.raw("<div><dt>Why, in the agent's own words</dt><dd><blockquote>")
                    .lines(request.purpose())
                    .raw("</blockquote></dd></div>");
        }
        Instruction instruction = grant.instruction();
        if (instruction != null) {
            body.raw("<div><dt>Instructed by</dt><dd>")
                    .text(instruction.source().wire())
                    .raw(" ");
            if (instruction.ref() != null) {
                body.element("code", instruction.ref());
            }
            body.raw("<span class=\"hash\">")
                    .text(
                            instruction.integrity() == Instruction.Integrity.TRUSTED
                                    ? "The template trusts the agent's word for this."
                                    : "This is the agent's own word.")
                    .raw("</span></dd></div>");
        }
        body.entry(
                "Running now",
                shown.running() < 0
                        ? "unknown"
                        : shown.running() == 0
                                ? "no other task of yours of this kind"
                                : RequestSentences.count(shown.running(), "task") + " of yours of this kind");
        body.raw("</dl></section>");
    }

    private static void values(Html body, Grant grant) {
        if (grant.parameters().isEmpty()) {
            return;
        }
        body.raw("<section><h2>For these values only</h2><dl>");
        grant.parameters()
                .forEach((name, value) -> body.raw("<div><dt>")
                        .text(name)
                        .raw("</dt><dd class=\"large\">")
                        .text(value.toString())
                        .raw("</dd></div>"));
        body.raw("</dl></section>");
    }

    private void calls(Html body) {
        List<GrantedCall> changes =
                calls(call -> !call.isProtocol() && call.effect().changes());
        List<GrantedCall> reads =
                calls(call -> !call.isProtocol() && !call.effect().changes());
        List<GrantedCall> protocol = calls(GrantedCall::isProtocol);
        body.raw("<section class=\"changes\"><h2>What it can change</h2>");
        if (changes.isEmpty()) {
            body.raw("<p class=\"large\">Nothing. It can only read.</p>");
        } else {
            list(body, changes);
            Set<Effect> effects = changes.stream().map(GrantedCall::effect).collect(Collectors.toSet());
            // What runs or connects elsewhere can delete there: nobody may promise that it does not.
            if (EnumSet.of(Effect.WRITE).containsAll(effects)) {
                body.raw("<p>It can delete nothing.</p>");
            }
        }
        body.raw("</section><section><h2>What it can only read</h2>");
        if (reads.isEmpty()) {
            body.raw("<p>Nothing.</p>");
        } else {
            list(body, reads);
        }
        body.raw("</section>");
        if (!protocol.isEmpty()) {
            body.raw("<section><h2>What its client sends by itself, to connect and stay connected</h2><p>");
            names(body, protocol).raw("</p></section>");
        }
    }

    private List<GrantedCall> calls(Predicate<GrantedCall> which) {
        return shown.calls().stream().filter(which).toList();
    }

    /** Those with values come first, each by itself. The others make one entry for each effect. */
    private void list(Html body, List<GrantedCall> calls) {
        body.raw("<ul class=\"calls\">");
        Map<Effect, List<GrantedCall>> free = new EnumMap<>(Effect.class);
        for (GrantedCall call : calls) {
            JsonObject arguments = call.arguments();
            if (arguments.members().isEmpty() && fixed(call).isEmpty()) {
                free.computeIfAbsent(call.effect(), effect -> new ArrayList<>()).add(call);
                continue;
            }
            entry(body, call.effect(), List.of(call));
            if (arguments.members().isEmpty()) {
                body.raw("<span class=\"meta\">with any values</span>");
            } else {
                body.raw("<ul class=\"arguments\">");
                arguments.members().forEach((name, limit) -> argument(body, name, limit));
                body.raw(arguments.get("*") != null ? "<li>and any other values</li></ul>" : "</ul>");
            }
            fixed(body, fixed(call));
            body.raw("</li>");
        }
        free.forEach((effect, several) ->
                entry(body, effect, several).raw("<span class=\"meta\">with any values</span></li>"));
        body.raw("</ul>");
    }

    private static Html entry(Html body, Effect effect, List<GrantedCall> calls) {
        body.raw("<li><strong>").text(RequestSentences.verb(effect)).raw(":</strong> ");
        return names(body, calls);
    }

    private static Html names(Html body, List<GrantedCall> calls) {
        for (int i = 0; i < calls.size(); i++) {
            body.raw(i == 0 ? "" : ", ").element("code", calls.get(i).operation());
        }
        return body;
    }

    private Map<String, List<JsonValue>> fixed(GrantedCall call) {
        return shown.seen().grant().bounds().pinned().getOrDefault(call.operation(), Map.of());
    }

    /** The values that this request fixes: calls with them pass without a further question. */
    private static void fixed(Html body, Map<String, List<JsonValue>> fixed) {
        if (!fixed.isEmpty()) {
            body.raw(
                    "<span class=\"meta\">Nobody is asked again about a call with these values:</span><ul class=\"arguments\">");
            fixed.forEach((name, values) -> body.raw("<li>")
                    .text(name + ": ")
                    .raw("<b>")
                    .text(values.stream().map(Shown::plain).collect(Collectors.joining(", ")))
                    .raw("</b></li>"));
            body.raw("</ul>");
        }
    }

    private static void argument(Html body, String name, JsonValue limit) {
        if (name.equals("*")) {
            return;
        }
        boolean optional = limit instanceof JsonObject json && new JsonBoolean(true).equals(json.get("optional"));
        body.raw("<li>")
                .text(name + ": ")
                .raw("<b>")
                .text(RequestSentences.limit(limit))
                .raw("</b>")
                .raw(optional ? " or nothing</li>" : "</li>");
    }

    private void plan(Html body) {
        body.raw("<section><h2>Order of the calls</h2>");
        if (shown.steps().isEmpty()) {
            body.raw("<p>In any order.</p></section>");
            return;
        }
        steps(body, shown.steps(), "ol");
        if (!shown.anytime().isEmpty()) {
            body.raw("<p>At any time: ");
            new TreeSet<>(shown.anytime())
                    .forEach(id -> body.element("code", id).raw(" "));
            body.raw("</p>");
        }
        body.raw("</section>");
    }

    private static void steps(Html body, List<PlanStep> steps, String list) {
        body.raw("<" + list + ">");
        for (PlanStep step : steps) {
            body.raw("<li>");
            if (step instanceof PlanStep.Op op) {
                body.element("code", op.operation()).text(", " + times(op.times()));
                if (!op.same().isEmpty()) {
                    body.text(", always with the same " + String.join(" and ", op.same()));
                }
            } else if (step instanceof PlanStep.Any any) {
                body.raw("one of these:");
                steps(body, any.steps(), "ul");
            } else if (step instanceof PlanStep.All all) {
                body.raw("all of these, in any order:");
                steps(body, all.steps(), "ul");
            } else if (step instanceof PlanStep.Repeat repeat) {
                body.text("these steps, " + times(repeat.times()) + ":");
                steps(body, repeat.steps(), "ol");
            }
            body.raw("</li>");
        }
        body.raw("</" + list + ">");
    }

    private static String times(Times times) {
        if (times.unbounded()) {
            return times.min() == 0 ? "any number of times" : "at least " + times(times.min());
        }
        if (times.min() == times.max()) {
            return times(times.min());
        }
        return times.min() == 0
                ? (times.max() == 1 ? "once or not at all" : "at most " + times(times.max()))
                : times.min() + " to " + times(times.max());
    }

    private static String times(int number) {
        return number == 1 ? "once" : number + " times";
    }

    private void limits(Html body) {
        body.raw("<section><h2>How often, and how long</h2><ul>");
        shown.limits().forEach(limit -> body.raw("<li>").quoting(limit).raw("</li>"));
        body.raw("</ul></section><section><h2>Outside of this page, and after the end</h2><ul>");
        shown.beyond().forEach(sentence -> body.raw("<li>").quoting(sentence).raw("</li>"));
        body.raw("</ul>");
        if (shown.asks().isEmpty()) {
            body.raw("<p>No human is asked about its calls.</p></section>");
            return;
        }
        body.raw("<h2>A human is asked first</h2><ul>");
        shown.asks().forEach(sentence -> body.raw("<li>").quoting(sentence).raw("</li>"));
        body.raw("</ul></section>");
    }

    private void decision(Html body, AskedTask request, Grant grant) {
        boolean confirm = grant.template().admission().allowed().confirm();
        body.raw("<section class=\"decide\"><h2>Your decision</h2>");
        open(body, request);
        if (confirm) {
            body.raw("<label for=\"confirm\">The last four letters of the code that your agent shows (after <code>")
                    .text(request.code().first())
                    .raw(
                            "-</code>)</label><input id=\"confirm\" name=\"confirm\" class=\"code\" required minlength=\"4\""
                                    + " maxlength=\"5\" autocomplete=\"off\" autocapitalize=\"characters\" spellcheck=\"false\">");
        }
        if (!frame.dev()) {
            body.raw("<p>You sign in once more, so that it is you who allows it.</p>");
        }
        body.raw("<button name=\"decision\" value=\"allow\" class=\"approve\">")
                .raw(request.isStanding() ? "Allow all runs" : "Allow this task")
                .text(frame.dev() ? ": sign in as " + reader.name() : "")
                .raw("</button></form>");
        body.raw("<div class=\"apart\">");
        open(body, request);
        body.raw("<button name=\"decision\" value=\"refuse\" class=\"refuse\">Refuse</button></form>")
                .raw("<p class=\"hash\">Not sure? Refuse. The agent can ask again.</p></div></section>");
    }

    private void open(Html body, AskedTask request) {
        body.raw("<form method=\"post\" action=\"")
                .text(frame.base() + StartPages.PATH)
                .raw("\">");
        PageFrame.token(body, reader, form(request.code().first()));
        body.raw("<input type=\"hidden\" name=\"user_code\" value=\"")
                .text(request.code().first())
                .raw("\"><input type=\"hidden\" name=\"digest\" value=\"")
                .text(request.digest())
                .raw("\">");
    }

    private static void all(Html body, AskedTask request, Grant grant) {
        body.raw("<details><summary>What you agree to, as programs see it</summary><dl>");
        body.code("digest", request.digest())
                .code("template", request.template() + " " + request.revision())
                .code("agent", request.agent())
                .code("key", request.jkt())
                .code("tools", Jcs.canonical(grant.capability().toJson()))
                .code("bounds", Jcs.canonical(grant.bounds().toJson()));
        body.raw("</dl></details>");
    }
}

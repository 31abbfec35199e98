package dev.errand.offline.audit;

import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.TextPage;
import dev.errand.offline.audit.CandidateDifference.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Writes what a candidate would have changed, for people and for programs. Pure. */
public final class CandidateReport {
    private static final int MAX_SHOWN = 20;

    private CandidateReport() {}

    /** A page of text. */
    public static String text(CandidateAudit audit) {
        TextPage page = new TextPage()
                .line("template ", audit.template(), ": ", count(audit.decisions(), "decision"), " in the log");
        if (audit.revisions().isEmpty()) {
            page.line(
                            "  no candidate decided any of them differently: either no candidate was beside the template, or the")
                    .line(
                            "  candidate agreed on every call that it judged (the counter errand_candidate_decisions_total tells which)");
        }
        audit.revisions().forEach((digest, revision) -> {
            page.line("candidate ", digest, ": decided differently from ", revision.first(), " to ", revision.last());
            kind(page, revision.of(Kind.STRICTER), "stricter", "that the candidate would refuse");
            kind(page, revision.of(Kind.LOOSER), "looser", "that the candidate would let pass");
            kind(page, revision.of(Kind.OTHERWISE), "same outcome, another code", "");
        });
        return page.toString();
    }

    private static void kind(TextPage page, List<CandidateFinding> findings, String name, String what) {
        if (findings.isEmpty()) {
            return;
        }
        Set<String> runs = new HashSet<>();
        findings.forEach(finding -> runs.addAll(finding.tasks()));
        page.line(
                "  ",
                name,
                ": ",
                count(findings.stream().mapToLong(CandidateFinding::calls).sum(), "call"),
                " of ",
                count(runs.size(), "run"),
                what.isEmpty() ? "" : " " + what);
        for (CandidateFinding finding : findings) {
            page.line(
                    "    ",
                    finding.cause(),
                    ": ",
                    count(finding.calls(), "call"),
                    " of ",
                    count(finding.runs(), "run"),
                    finding.partial() == 0
                            ? ""
                            : ", " + finding.partial() + " in runs that began before the candidate");
            finding.shown().forEach(one -> example(page, one));
            if (finding.calls() > finding.shown().size()) {
                page.line("      and ", finding.calls() - finding.shown().size(), " more");
            }
            page.line("      runs: ", some(finding.tasks()));
        }
    }

    private static void example(TextPage page, CandidateDifference one) {
        page.line(
                "      ",
                one.time(),
                " ",
                one.decision(),
                " ",
                one.task(),
                one.partial() ? " (partial)" : "",
                " ",
                String.join(" ", one.operations()),
                one.resources().isEmpty() ? "" : " on " + some(one.resources()),
                ": was ",
                one.was(),
                ", would be ",
                one.would());
        if (one.detail() != null) {
            page.line("        ", one.detail());
        }
    }

    private static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    private static String some(Collection<String> texts) {
        List<String> shown = new ArrayList<>(texts.stream().limit(MAX_SHOWN).toList());
        if (texts.size() > MAX_SHOWN) {
            shown.add(texts.size() - MAX_SHOWN + " more");
        }
        return String.join(", ", shown);
    }

    /** Everything, as one object. */
    public static JsonObject json(CandidateAudit audit) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("template", new JsonString(audit.template()));
        members.put("decisions", JsonNumber.of(audit.decisions()));
        List<JsonValue> candidates = new ArrayList<>();
        audit.revisions().forEach((digest, revision) -> {
            Map<String, JsonValue> candidate = new LinkedHashMap<>();
            candidate.put("revision", new JsonString(digest));
            candidate.put("first", new JsonString(revision.first()));
            candidate.put("last", new JsonString(revision.last()));
            List<JsonValue> findings = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                revision.of(kind).forEach(finding -> findings.add(finding(finding)));
            }
            candidate.put("findings", new JsonArray(findings));
            candidates.add(new JsonObject(candidate));
        });
        members.put("candidates", new JsonArray(candidates));
        return new JsonObject(members);
    }

    private static JsonValue finding(CandidateFinding finding) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("kind", new JsonString(finding.kind().name().toLowerCase(Locale.ROOT)));
        members.put("rule", new JsonString(finding.cause()));
        members.put("calls", JsonNumber.of(finding.calls()));
        members.put("runs", JsonNumber.of(finding.runs()));
        members.put("partial", JsonNumber.of(finding.partial()));
        members.put("tasks", strings(finding.tasks()));
        members.put(
                "examples",
                new JsonArray(
                        finding.shown().stream().map(CandidateReport::example).toList()));
        return new JsonObject(members);
    }

    private static JsonValue example(CandidateDifference one) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("decision", new JsonString(one.decision()));
        members.put("time", new JsonString(one.time()));
        members.put("task", new JsonString(one.task()));
        members.put("operation", strings(one.operations()));
        members.put("resource", strings(one.resources()));
        members.put("was", new JsonString(one.was()));
        members.put("would", new JsonString(one.would()));
        members.put("detail", one.detail() == null ? JsonNull.NULL : new JsonString(one.detail()));
        return new JsonObject(members);
    }

    private static JsonArray strings(Collection<String> texts) {
        return new JsonArray(texts.stream().<JsonValue>map(JsonString::new).toList());
    }
}

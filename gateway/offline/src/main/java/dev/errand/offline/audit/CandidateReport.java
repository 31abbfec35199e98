package dev.errand.offline.audit;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.TextPage;
import dev.errand.offline.audit.CandidateDifference.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
        JsonMembers members = new JsonMembers();
        members.put("template", audit.template());
        members.put("decisions", audit.decisions());
        List<JsonValue> candidates = new ArrayList<>();
        audit.revisions().forEach((digest, revision) -> {
            JsonMembers candidate = new JsonMembers();
            candidate.put("revision", digest);
            candidate.put("first", revision.first());
            candidate.put("last", revision.last());
            List<JsonValue> findings = new ArrayList<>();
            for (Kind kind : Kind.values()) {
                revision.of(kind).forEach(finding -> findings.add(finding(finding)));
            }
            candidate.put("findings", new JsonArray(findings));
            candidates.add(candidate.toJson());
        });
        members.put("candidates", new JsonArray(candidates));
        return members.toJson();
    }

    private static JsonValue finding(CandidateFinding finding) {
        JsonMembers members = new JsonMembers();
        members.put("kind", finding.kind().name().toLowerCase(Locale.ROOT));
        members.put("rule", finding.cause());
        members.put("calls", finding.calls());
        members.put("runs", finding.runs());
        members.put("partial", finding.partial());
        members.put("tasks", finding.tasks());
        members.put(
                "examples",
                new JsonArray(
                        finding.shown().stream().map(CandidateReport::example).toList()));
        return members.toJson();
    }

    private static JsonValue example(CandidateDifference one) {
        JsonMembers members = new JsonMembers();
        members.put("decision", one.decision());
        members.put("time", one.time());
        members.put("task", one.task());
        members.put("operation", one.operations());
        members.put("resource", one.resources());
        members.put("was", one.was());
        members.put("would", one.would());
        members.orNull("detail", one.detail());
        return members.toJson();
    }
}

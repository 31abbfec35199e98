package dev.errand.offline.audit;

import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.TextPage;
import dev.errand.offline.learn.Proposal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes an audit for people and for programs. Pure. */
public final class ScopeReport {
    private static final int MAX_SHOWN = 20;

    private ScopeReport() {}

    /** A page of text; the proposed template, if there is one, stands at its end. */
    public static String text(ScopeAudit audit) {
        TextPage page = new TextPage()
                .line(
                        "template ",
                        audit.template(),
                        ", ",
                        audit.tasks(),
                        audit.tasks() == 1 ? " task" : " tasks",
                        " under revision ",
                        String.join(", ", audit.recorded()));
        if (audit.granted() == null) {
            page.line("  what it grants is not known: --config names the configuration");
        } else if (!audit.recorded().contains(audit.granted().revision())) {
            page.line(
                    "  the configuration holds another revision, ",
                    audit.granted().revision(),
                    ": that is what is shown as granted");
        }
        for (Usage usage : audit.usages()) {
            StringBuilder denied = new StringBuilder();
            usage.denied()
                    .forEach((code, count) ->
                            denied.append(", ").append(count).append(" denied ").append(code));
            page.line(
                    "  agent ",
                    usage.agent(),
                    ": ",
                    usage.permitted(),
                    " calls permitted in ",
                    usage.tasks(),
                    usage.tasks() == 1 ? " task" : " tasks",
                    " by ",
                    usage.holders(),
                    usage.holders() == 1 ? " holder" : " holders",
                    denied,
                    usage.waiting() == 0 ? "" : ", " + usage.waiting() + " waited for approval");
            usage.operations()
                    .forEach((id, used) -> page.line("    ", id, ": ", used.calls(), " on ", some(used.resources())));
        }
        if (audit.granted() != null) {
            granted(audit, page);
        }
        proposal(audit, page);
        return page.toString();
    }

    private static void granted(ScopeAudit audit, TextPage page) {
        List<String> never = audit.neverUsed();
        int grants = audit.grants().size();
        page.line("  granted ", grants, " operations, used ", grants - never.size());
        for (ScopeAudit.Scope scope : audit.grants()) {
            if (scope.sufficient() != null) {
                page.line(
                        "    ",
                        scope.operation(),
                        ": ",
                        scope.granted(),
                        ", sufficient ",
                        scope.sufficient(),
                        " (",
                        scope.evidence(),
                        ")");
            }
        }
        if (!never.isEmpty()) {
            page.line("    never used: ", some(never));
        }
        page.line("  budgets");
        audit.budgets().forEach(budget -> page.line("    ", budget.toText(), budget.isSpare() ? "" : ", all of it"));
        Branches branches = audit.branches();
        if (branches != null) {
            page.line("  plan: ", branches.taken(), " of ", branches.ways(), " ways taken");
            branches.unusedSteps().forEach(step -> page.line("    never came to ", step));
            branches.unusedInterleaved().forEach(id -> page.line("    never interleaved ", id));
        }
    }

    private static void proposal(ScopeAudit audit, TextPage page) {
        Proposal proposal = audit.proposal();
        if (proposal == null) {
            page.line(
                    "  no template can be proposed: ",
                    audit.granted() == null
                            ? "the runs have humans of several issuers: name the template's configuration by --config"
                            : "no call was permitted, or no template that was tried loads");
            return;
        }
        if (!proposal.widened().isEmpty()) {
            page.line("  proposal: ", proposal.widened());
        }
        page.line("  replayed under the proposal: ", proposal.refused().count(), " differences among permitted calls");
        if (audit.granted() != null) {
            page.line(audit.smaller().isEmpty() ? "  the template is as small as it can be" : "  smaller in");
            audit.smaller().forEach(one -> page.line("    ", one));
        }
        page.line("---").written(proposal.text());
    }

    private static String some(Collection<String> texts) {
        String shown = String.join(", ", texts.stream().limit(MAX_SHOWN).toList());
        return texts.size() > MAX_SHOWN ? shown + " and " + (texts.size() - MAX_SHOWN) + " more" : shown;
    }

    /** Everything, as one object. */
    public static JsonObject json(ScopeAudit audit) {
        JsonMembers members = new JsonMembers();
        members.put("template", audit.template());
        members.put("tasks", audit.tasks());
        members.put("recorded_revisions", audit.recorded());
        members.put(
                "revision",
                audit.granted() == null
                        ? JsonNull.NULL
                        : new JsonString(audit.granted().revision()));
        members.put(
                "agents",
                new JsonArray(audit.usages().stream().map(ScopeReport::usage).toList()));
        members.put(
                "operations",
                new JsonArray(audit.grants().stream().map(ScopeReport::scope).toList()));
        members.put("never_used", audit.neverUsed());
        members.put(
                "budgets",
                new JsonArray(audit.budgets().stream().map(ScopeReport::budget).toList()));
        members.put("plan", plan(audit.branches()));
        Proposal proposal = audit.proposal();
        members.put("smaller", !audit.smaller().isEmpty());
        members.put("smaller_in", audit.smaller());
        members.put("proposal", proposal == null ? JsonNull.NULL : new JsonString(proposal.text()));
        members.put("widened", proposal == null ? "" : proposal.widened());
        members.put(
                "differences",
                new JsonArray(
                        proposal == null
                                ? List.of()
                                : proposal.refused().first().stream()
                                        .<JsonValue>map(one -> one.toJson())
                                        .toList()));
        return members.toJson();
    }

    private static JsonValue usage(Usage usage) {
        List<JsonValue> operations = new ArrayList<>();
        usage.operations()
                .forEach((id, used) -> operations.add(new JsonMembers()
                        .put("operation", id)
                        .put("calls", used.calls())
                        .put("resources", used.resources())
                        .toJson()));
        JsonMembers denied = new JsonMembers();
        usage.denied().forEach((code, count) -> denied.put(code, count));
        JsonMembers members = new JsonMembers();
        members.put("agent", usage.agent());
        members.put("tasks", usage.tasks());
        members.put("holders", usage.holders());
        members.put("permitted", usage.permitted());
        members.put("waiting", usage.waiting());
        members.put("denied", denied.toJson());
        members.put("operations", new JsonArray(operations));
        return members.toJson();
    }

    private static JsonValue scope(ScopeAudit.Scope scope) {
        JsonMembers members = new JsonMembers();
        members.put("operation", scope.operation());
        members.put("granted", scope.granted());
        members.orNull("sufficient", scope.sufficient());
        members.put("used", scope.evidence());
        return members.toJson();
    }

    private static JsonValue budget(Budget budget) {
        JsonMembers members = new JsonMembers();
        members.put("name", budget.name());
        members.put("granted", budget.granted() == null ? JsonNull.NULL : JsonNumber.of(budget.granted()));
        members.put("used", budget.used());
        return members.toJson();
    }

    private static JsonValue plan(@Nullable Branches branches) {
        if (branches == null) {
            return JsonNull.NULL;
        }
        JsonMembers members = new JsonMembers();
        members.put("ways", branches.ways());
        members.put("taken", branches.taken());
        members.put("unused_steps", branches.unusedSteps());
        members.put("unused_interleaved", branches.unusedInterleaved());
        return members.toJson();
    }
}

package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import dev.errand.offline.proof.DirectoryDiff.OfCatalogue;
import dev.errand.offline.proof.DirectoryDiff.OfTemplate;
import dev.errand.offline.proof.DirectoryDiff.Result;
import dev.errand.proof.Comparison.Change;
import dev.errand.proof.Run;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The forms of a comparison: text, Markdown and JSON. Immutable. */
record DiffOutput(Result result) {
    private static final String NOTHING_NEW = "B permits nothing new.";

    String text() {
        StringBuilder text = new StringBuilder();
        for (OfTemplate one : result.templates()) {
            text.append(heading(one)).append('\n');
            one.more()
                    .forEach(change -> text.append("  + ").append(line(change)).append('\n'));
            one.less()
                    .forEach(change -> text.append("  - ").append(line(change)).append('\n'));
        }
        for (OfCatalogue one : result.catalogues()) {
            text.append(one.isNew() ? "  + " : "  ~ ").append(line(one)).append('\n');
        }
        return text.append(result.isNew() ? "B permits something new." : NOTHING_NEW)
                .append('\n')
                .toString();
    }

    private static String heading(OfTemplate one) {
        String what = one.added()
                ? "only B has it"
                : one.removed()
                        ? "only A has it"
                        : one.isNew()
                                ? "B permits more" + (one.less().isEmpty() ? "" : ", and less")
                                : "B permits less";
        return Printable.line("template " + one.template() + ": " + what);
    }

    private static String line(Change change) {
        return Printable.line(change.at() + ": " + change.part() + ": " + change.text()
                + (change.run() == null ? "" : ": " + change.run()));
    }

    private static String line(OfCatalogue one) {
        return Printable.line(one.what() + " is " + named(one.now()) + ", was " + named(one.before())
                + (one.isNew()
                        ? " (granted by " + String.join(", ", one.grantedBy()) + ")"
                        : " (granted by no template)"));
    }

    private static String named(@Nullable String name) {
        return name == null ? "no operation" : name;
    }

    String markdown() {
        StringBuilder text = new StringBuilder(
                result.isNew() ? "### This change permits something new\n" : "### This change permits nothing new\n");
        for (OfTemplate one : result.templates()) {
            text.append("\n**").append(escaped(heading(one))).append("**\n");
            changes(text, "Only after this change:", one.more());
            changes(text, "No more after this change:", one.less());
        }
        if (!result.catalogues().isEmpty()) {
            text.append("\n**catalogues**\n\n");
            result.catalogues()
                    .forEach(one -> text.append("- ").append(escaped(line(one))).append('\n'));
        }
        return text.toString();
    }

    private static void changes(StringBuilder text, String title, List<Change> changes) {
        if (changes.isEmpty()) {
            return;
        }
        text.append('\n').append(title).append("\n\n");
        for (Change change : changes) {
            text.append("- ")
                    .append(change.part())
                    .append(": ")
                    .append(escaped(change.text()))
                    .append(" (`")
                    .append(Printable.line(change.at().toString()))
                    .append("`)\n");
            Run run = change.run();
            if (run != null) {
                for (int i = 0; i < run.calls().size(); i++) {
                    text.append("  ")
                            .append(i + 1)
                            .append(". ")
                            .append(escaped(Printable.line(run.calls().get(i).toString())))
                            .append('\n');
                }
            }
        }
    }

    /** Text in which Markdown and HTML mean nothing. */
    private static String escaped(String text) {
        return text.replaceAll("([\\\\`*_\\[\\]<>|#@~!&])", "\\\\$1");
    }

    String json() {
        JsonMembers members = new JsonMembers();
        members.put("new", result.isNew());
        members.put(
                "templates",
                new JsonArray(result.templates().stream()
                        .<JsonValue>map(DiffOutput::json)
                        .toList()));
        members.put(
                "catalogues",
                new JsonArray(result.catalogues().stream()
                        .<JsonValue>map(DiffOutput::json)
                        .toList()));
        return Printable.line(Jcs.canonical(members.toJson())) + "\n";
    }

    private static JsonObject json(OfTemplate one) {
        JsonMembers members = new JsonMembers();
        members.put("template", one.template());
        members.put("new", one.isNew());
        members.put("added", one.added());
        members.put("removed", one.removed());
        members.put("more", changes(one.more()));
        members.put("less", changes(one.less()));
        return members.toJson();
    }

    private static JsonArray changes(List<Change> changes) {
        return new JsonArray(changes.stream()
                .<JsonValue>map(change -> {
                    JsonMembers members = new JsonMembers();
                    members.put("part", change.part());
                    members.put("at", change.at().toString());
                    members.put("text", change.text());
                    Run run = change.run();
                    members.put(
                            "run",
                            run == null
                                    ? JsonNull.NULL
                                    : new JsonArray(run.calls().stream()
                                            .<JsonValue>map(call -> new JsonString(call.toString()))
                                            .toList()));
                    return members.toJson();
                })
                .toList());
    }

    private static JsonObject json(OfCatalogue one) {
        JsonMembers members = new JsonMembers();
        members.put("what", one.what());
        members.orNull("before", one.before());
        members.orNull("now", one.now());
        members.put("granted_by", one.grantedBy());
        members.put("new", one.isNew());
        return members.toJson();
    }
}

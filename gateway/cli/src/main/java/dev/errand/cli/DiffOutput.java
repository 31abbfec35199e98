package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import dev.errand.offline.proof.DirectoryDiff.OfCatalogue;
import dev.errand.offline.proof.DirectoryDiff.OfTemplate;
import dev.errand.offline.proof.DirectoryDiff.Result;
import dev.errand.proof.Comparison.Change;
import dev.errand.proof.Run;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("new", new JsonBoolean(result.isNew()));
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
        return Printable.line(Jcs.canonical(new JsonObject(members))) + "\n";
    }

    private static JsonObject json(OfTemplate one) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("template", new JsonString(one.template()));
        members.put("new", new JsonBoolean(one.isNew()));
        members.put("added", new JsonBoolean(one.added()));
        members.put("removed", new JsonBoolean(one.removed()));
        members.put("more", changes(one.more()));
        members.put("less", changes(one.less()));
        return new JsonObject(members);
    }

    private static JsonArray changes(List<Change> changes) {
        return new JsonArray(changes.stream()
                .<JsonValue>map(change -> {
                    Map<String, JsonValue> members = new LinkedHashMap<>();
                    members.put("part", new JsonString(change.part()));
                    members.put("at", new JsonString(change.at().toString()));
                    members.put("text", new JsonString(change.text()));
                    Run run = change.run();
                    members.put(
                            "run",
                            run == null
                                    ? JsonNull.NULL
                                    : new JsonArray(run.calls().stream()
                                            .<JsonValue>map(call -> new JsonString(call.toString()))
                                            .toList()));
                    return new JsonObject(members);
                })
                .toList());
    }

    private static JsonObject json(OfCatalogue one) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        members.put("what", new JsonString(one.what()));
        members.put("before", one.before() == null ? JsonNull.NULL : new JsonString(one.before()));
        members.put("now", one.now() == null ? JsonNull.NULL : new JsonString(one.now()));
        members.put(
                "granted_by",
                new JsonArray(
                        one.grantedBy().stream().<JsonValue>map(JsonString::new).toList()));
        members.put("new", new JsonBoolean(one.isNew()));
        return new JsonObject(members);
    }
}

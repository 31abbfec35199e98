package dev.errand.cli;

import dev.errand.config.Fault;
import dev.errand.config.Position;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import dev.errand.operation.OperationForm;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;

/** The JSON of what commands report ({@code --json}), on one line. */
final class Reported {
    private Reported() {}

    static void print(PrintWriter out, JsonValue json) {
        out.println(Printable.line(Jcs.canonical(json)));
        out.flush();
    }

    static <T> JsonArray list(Collection<T> all, Function<T, JsonValue> json) {
        return new JsonArray(all.stream().map(json).toList());
    }

    static JsonArray texts(Collection<String> all) {
        return list(all, JsonString::new);
    }

    static JsonArray faults(List<Fault> faults) {
        return list(faults, fault -> at(new Position(fault.file(), fault.line(), fault.column()), fault.message()));
    }

    /** A finding at a place: {@code file}, {@code line}, {@code column}, {@code message}. */
    static JsonObject at(Position at, String message) {
        return new JsonMembers()
                .put("file", at.file())
                .put("line", at.line())
                .put("column", at.column())
                .put("message", message)
                .toJson();
    }

    static JsonObject operation(OperationForm form) {
        return new JsonMembers()
                .put("method", form.method())
                .put("path", form.path())
                .put("id", form.id())
                .put("effect", form.effect().wire())
                .put("resource", form.resource())
                .put("arguments", texts(form.arguments()))
                .toJson();
    }
}

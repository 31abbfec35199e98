package dev.errand.cli;

import dev.errand.config.Fault;
import dev.errand.config.Position;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import dev.errand.operation.OperationForm;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
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
        return new JsonObject(Map.of(
                "file",
                new JsonString(at.file()),
                "line",
                JsonNumber.of(at.line()),
                "column",
                JsonNumber.of(at.column()),
                "message",
                new JsonString(message)));
    }

    static JsonObject operation(OperationForm form) {
        return new JsonObject(Map.of(
                "method", new JsonString(form.method()),
                "path", new JsonString(form.path()),
                "id", new JsonString(form.id()),
                "effect", new JsonString(form.effect().wire()),
                "resource", new JsonString(form.resource()),
                "arguments", texts(form.arguments())));
    }
}

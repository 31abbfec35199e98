package dev.errand.operation;

import java.util.ArrayList;
import java.util.List;

/**
 * What a catalogue imported from its OpenAPI documents, as {@code check} prints it. Immutable and thread-safe.
 *
 * @param taken how many operations were imported
 * @param replaced ids that a hand-written operation replaces
 * @param leftOut what was not imported
 * @param ambiguities pairs of operations that fit some request equally well: such a request is refused
 */
public record ImportReport(int taken, List<String> replaced, List<LeftOut> leftOut, List<Ambiguity> ambiguities) {
    public ImportReport {
        replaced = List.copyOf(replaced);
        leftOut = List.copyOf(leftOut);
        ambiguities = List.copyOf(ambiguities);
    }

    /**
     * An operation that was not imported.
     *
     * @param document the file
     * @param method upper-case
     * @param template the path as the document writes it
     * @param why in words for an operator
     * @param unnamed whether it lacks only an id that can be one here
     */
    public record LeftOut(String document, String method, String template, String why, boolean unnamed) {}

    /**
     * Two operations that fit some request equally well.
     *
     * @param id the id of one, with its catalogue's prefix
     * @param template the path of that one
     * @param otherId the id of the other
     * @param otherTemplate the path of the other
     */
    public record Ambiguity(String id, String template, String otherId, String otherTemplate) {}

    /** One line for each fact, in a fixed order. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("imported " + taken + " operations");
        replaced.forEach(id -> lines.add("replaced by hand: " + id));
        leftOut.forEach(out ->
                lines.add("left out: " + out.document + ": " + out.method + ' ' + out.template + ": " + out.why));
        ambiguities.forEach(two -> lines.add("ambiguous: " + two.id + " (" + two.template + ") and " + two.otherId
                + " (" + two.otherTemplate + ")"));
        return lines;
    }
}

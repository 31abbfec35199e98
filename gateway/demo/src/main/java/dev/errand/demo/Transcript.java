package dev.errand.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints what the audience sees, in ASCII, and collects what did not go as announced. For one thread. */
final class Transcript {
    private static final String ROW = "    %-12s %-6s %-28s %-21s ";
    private static final int WIDTH = 108;
    private static final String INDENT = " ".repeat(8);

    private final PrintWriter out;
    private final boolean coloured;
    private final List<String> faults = new ArrayList<>();
    private String scene = "";

    /** @param coloured whether the reader is a terminal */
    public Transcript(PrintWriter out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
    }

    /** Opens a scene; faults from now on belong to it. */
    void scene(String letter, String title) {
        scene = "scene (" + letter + ")";
        line("");
        line(paint("1", "(" + letter + ") " + title));
    }

    /** Prints the column heads for {@link #call}. */
    void heads() {
        line(paint("2", ROW.formatted("WHO", "FOR", "OPERATION", "RESOURCE") + "DECISION"));
    }

    /** Prints one call and its outcome. */
    void call(Agent agent, Call call, Answer answer) {
        String decision = answer.permitted()
                ? paint("32", "PERMIT") + "  upstream " + answer.status()
                : paint("31", "DENY") + "    " + answer.status() + " " + answer.code();
        int shown = (answer.permitted() ? "PERMIT  upstream " : "DENY    " + answer.code() + " ").length() + 3;
        line(ROW.formatted(agent.name(), agent.human(), call.operation(), call.resource())
                + decision
                + " ".repeat(Math.max(1, 30 - shown))
                + String.format(Locale.ROOT, "%7.1f ms", answer.millis()));
        if (!answer.permitted()) {
            String detail = String.valueOf(answer.detail());
            String end = detail.endsWith(".") ? "" : ".";
            note("why: " + detail + (answer.interrupted() ? end + " The task is interrupted." : ""));
        }
    }

    /** Prints a sentence below the call, wrapped into lines. */
    void note(String text) {
        StringBuilder line = new StringBuilder(INDENT);
        for (String word : ascii(text).split(" ")) {
            if (line.length() + word.length() >= WIDTH && line.length() > INDENT.length()) {
                line(line.toString().stripTrailing());
                line.setLength(0);
                line.append(INDENT);
            }
            line.append(word).append(' ');
        }
        line(line.toString().stripTrailing());
    }

    /** Prints a name and its value. */
    void fact(String name, String value) {
        line(INDENT.substring(4) + "%-13s %s".formatted(name, value));
    }

    /** Prints a line unchanged. */
    public void line(String text) {
        out.println(ascii(text));
        out.flush();
    }

    /** Checks the scene; the sentence is its fault if {@code asTold} is false. */
    void expect(boolean asTold, String otherwise) {
        if (!asTold) {
            faults.add(scene + ": " + otherwise);
            line("    " + paint("31;1", "NOT AS TOLD: ") + otherwise);
        }
    }

    /** The faults, each with its scene; empty if there are none. */
    List<String> faults() {
        return List.copyOf(faults);
    }

    private String paint(String code, String text) {
        return coloured ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    private static String ascii(String text) {
        return text.codePoints()
                .map(c -> c >= 0x20 && c < 0x7f || c == 0x1b ? c : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}

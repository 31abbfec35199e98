package dev.errand.gateway.demo;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the audience sees, in ASCII, and what did not go as told. For one thread. */
public final class Transcript {
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

    /** Opens a scene; what is at fault from now on is at fault in it. */
    void scene(String letter, String title) {
        scene = "scene (" + letter + ")";
        line("");
        line(paint("1", "(" + letter + ") " + title));
    }

    /** The heads of the columns of {@link #call}. */
    void heads() {
        line(paint("2", ROW.formatted("WHO", "FOR", "OPERATION", "RESOURCE") + "DECISION"));
    }

    /** One call and its outcome. */
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

    /** A sentence below, broken into lines. */
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

    /** One fact under a name. */
    void fact(String name, String value) {
        line(INDENT.substring(4) + "%-13s %s".formatted(name, value));
    }

    /** A line as it stands. */
    public void line(String text) {
        out.println(ascii(text));
        out.flush();
    }

    /** Holds the scene to what it told; the sentence says what is wrong where it is not so. */
    void expect(boolean asTold, String otherwise) {
        if (!asTold) {
            faults.add(scene + ": " + otherwise);
            line("    " + paint("31;1", "NOT AS TOLD: ") + otherwise);
        }
    }

    /** What did not go as told, by scene; empty if all did. */
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

package dev.errand.json;

import org.jspecify.annotations.Nullable;

/**
 * A page of text for people, built line by line. Each line is made {@link Printable}, so that no value in it can begin
 * another line. For one thread.
 */
public final class TextPage {
    private final StringBuilder text = new StringBuilder();

    /** Adds one line of these parts, joined; a null is written as {@code null}. */
    public TextPage line(@Nullable Object... parts) {
        StringBuilder line = new StringBuilder();
        for (Object part : parts) {
            line.append(part);
        }
        text.append(Printable.line(line.toString())).append('\n');
        return this;
    }

    /** Adds a text of several lines that is safe to print, such as a template file. It is not changed. */
    public TextPage written(String lines) {
        text.append(lines);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

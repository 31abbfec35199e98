package dev.errand.text;

import org.jspecify.annotations.Nullable;

/**
 * A page of text for people, made line by line. Each line is made {@link Printable}, so that no value in it begins another
 * line. For one thread.
 */
public final class TextPage {
    private final StringBuilder text = new StringBuilder();

    /** One line of these parts, one behind the other; a null is written as {@code null}. */
    public TextPage line(@Nullable Object... parts) {
        StringBuilder line = new StringBuilder();
        for (Object part : parts) {
            line.append(part);
        }
        text.append(Printable.line(line.toString())).append('\n');
        return this;
    }

    /** A text of several lines that was made for printing, such as a template file. It is printed unchanged. */
    public TextPage written(String lines) {
        text.append(lines);
        return this;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}

package dev.errand.issuer.approval;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import org.jspecify.annotations.Nullable;

/**
 * HTML that is being written. Text from outside goes only through {@link #text}, which makes every character plain text, also in the
 * value of an attribute. A character that is invisible or changes the direction of the text is written as an escape. Not
 * thread-safe.
 */
final class Html {
    private final StringBuilder html = new StringBuilder(8 * 1024);

    /** Adds HTML that the gateway itself wrote, unescaped. */
    Html raw(String ours) {
        html.append(ours);
        return this;
    }

    /** Adds text from outside. */
    Html text(@Nullable String text) {
        String printable = Printable.line(text == null ? "" : text);
        for (int i = 0; i < printable.length(); i++) {
            char c = printable.charAt(i);
            switch (c) {
                case '&' -> html.append("&amp;");
                case '<' -> html.append("&lt;");
                case '>' -> html.append("&gt;");
                case '"' -> html.append("&quot;");
                case '\'' -> html.append("&#39;");
                case '`' -> html.append("&#96;");
                default -> html.append(c);
            }
        }
        return this;
    }

    /** Adds text from outside whose lines stay lines. */
    Html lines(String text) {
        String[] lines = text.split("\r?\n", -1);
        for (int i = 0; i < lines.length; i++) {
            raw(i == 0 ? "" : "\n").text(lines[i]);
        }
        return this;
    }

    /** Adds an element that holds text from outside. */
    Html element(String name, @Nullable String text) {
        return raw("<" + name + ">").text(text).raw("</" + name + ">");
    }

    /** Adds text from outside; names between backquotes are set as {@code code}. */
    Html quoting(String text) {
        String[] parts = text.split("`", -1);
        boolean whole = parts.length % 2 == 1;
        for (int i = 0; i < parts.length; i++) {
            if (whole && i % 2 == 1) {
                element("code", parts[i]);
            } else {
                text(i == 0 || whole ? parts[i] : "`" + parts[i]);
            }
        }
        return this;
    }

    /** Adds a list of names with their values, from outside. */
    Html values(JsonObject values) {
        raw("<ul class=\"arguments\">");
        values.members()
                .forEach((name, value) -> raw("<li><b>")
                        .text(name)
                        .raw("</b> <code>")
                        .text(Shown.plain(value))
                        .raw("</code></li>"));
        return raw("</ul>");
    }

    /** Adds a term and its text. */
    Html entry(String term, @Nullable String text) {
        return raw("<div><dt>" + term + "</dt><dd>").text(text).raw("</dd></div>");
    }

    /** Adds a term and its text in a typeface that distinguishes similar characters. */
    Html code(String term, @Nullable String text) {
        return raw("<div><dt>" + term + "</dt><dd><code>").text(text).raw("</code></dd></div>");
    }

    @Override
    public String toString() {
        return html.toString();
    }
}

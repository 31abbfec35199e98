package dev.errand.offline.learn;

import dev.errand.config.YamlList;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.config.YamlScalar;
import java.util.Collection;
import java.util.stream.Collectors;

/** Writes YAML in the form of templates, on one line. Pure. */
final class YamlText {
    private YamlText() {}

    /** A string, quoted if YAML would read it as something else. */
    public static String string(String text) {
        boolean plain = text.matches("[A-Za-z][A-Za-z0-9_./:-]*|[0-9]+(ms|s|m|h|d)")
                && !text.endsWith(":")
                && !text.equals("true")
                && !text.equals("false")
                && !text.equals("null");
        return plain ? text : quoted(text);
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        text.codePoints().forEach(point -> {
            if (point == '"' || point == '\\') {
                quoted.append('\\').append((char) point);
            } else if (isPlain(point)) {
                quoted.appendCodePoint(point);
            } else {
                quoted.append(String.format(point > 0xffff ? "\\U%08X" : "\\u%04X", point));
            }
        });
        return quoted.append('"').toString();
    }

    private static boolean isPlain(int point) {
        return (point >= 0x20 && point < 0x7f) || (point >= 0xa0 && Character.isLetterOrDigit(point));
    }

    /** Text that may stand in a comment: nothing in it ends the line. */
    public static String comment(String text) {
        StringBuilder comment = new StringBuilder();
        text.codePoints().forEach(point -> comment.appendCodePoint(isPlain(point) ? point : '?'));
        return comment.toString();
    }

    /** A list of strings. */
    public static String strings(Collection<String> texts) {
        return texts.stream().map(YamlText::string).collect(Collectors.joining(", ", "[", "]"));
    }

    /** A node that was read from a template. */
    public static String of(YamlNode node) {
        if (node instanceof YamlMap map) {
            return map.members().entrySet().stream()
                    .map(member -> string(member.getKey()) + ": " + of(member.getValue()))
                    .collect(Collectors.joining(", ", "{", "}"));
        } else if (node instanceof YamlList list) {
            return list.items().stream().map(YamlText::of).collect(Collectors.joining(", ", "[", "]"));
        }
        YamlScalar scalar = (YamlScalar) node;
        return switch (scalar.type()) {
            case STRING -> string(scalar.text());
            case NULL -> "null";
            case NUMBER, BOOLEAN -> scalar.text();
        };
    }
}

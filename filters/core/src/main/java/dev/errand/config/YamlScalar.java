package dev.errand.config;

/**
 * A scalar.
 *
 * @param at where it begins
 * @param text its value; a number as it was written
 * @param type by the schema of {@link Yaml}
 */
public record YamlScalar(Position at, String text, Type type) implements YamlNode {
    /** The type of a scalar. A quoted scalar is always a string. */
    public enum Type {
        STRING,
        NUMBER,
        BOOLEAN,
        NULL
    }

    @Override
    public String kind() {
        return switch (type) {
            case STRING -> '\'' + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + '\'';
            case NUMBER -> "the number " + text;
            case BOOLEAN -> "the boolean " + text;
            case NULL -> "nothing";
        };
    }
}

package dev.errand.json;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.regex.Pattern;
import org.erdtman.jcs.NumberToJSON;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Canonicalization Scheme (RFC 8785). The library of its authors reads text and writes text. This class writes
 * a tree that is already parsed, and uses that library only for numbers. Thread-safe.
 */
public final class Jcs {
    private static final String[] NO_NAMES = {};

    /** The longest canonical number is {@code -2.2250738585072014e-308}. */
    private static final int MAX_SPELLED = 24;

    /** An integer that is below 10^21. */
    private static final Pattern LONG_INTEGER = Pattern.compile("-?[1-9][0-9]{15,20}");

    private Jcs() {}

    /** The canonical text; an {@link ArithmeticException} if a number has no finite double. */
    public static String canonical(JsonValue value) {
        StringBuilder out = new StringBuilder(128);
        write(value, out);
        return out.toString();
    }

    /** Appends the canonical text of a string, its quotes included. */
    public static void appendString(String text, StringBuilder out) {
        out.append('"');
        int written = 0;
        for (int i = 0; i < text.length(); i++) {
            if (isEscaped(text.charAt(i))) {
                out.append(text, written, i);
                escape(text.charAt(i), out);
                written = i + 1;
            }
        }
        out.append(written == 0 ? text : text.substring(written)).append('"');
    }

    /** The canonical text as UTF-8. */
    public static byte[] canonicalBytes(JsonValue value) {
        return canonical(value).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Whether the number's canonical form has the same value as the written number (AAT-02 section 2). This is true of
     * {@code 0.1} and {@code 1e20}, and false of {@code 9007199254740993} and {@code 1e400}.
     */
    public static boolean isAdmissible(JsonNumber number) {
        double value = number.asDouble();
        if (!Double.isFinite(value)) {
            return false;
        }
        // The written exponent may be huge. The double is finite, so only an underflow to zero needs a check.
        if (value == 0) {
            return number.text().replaceAll("[eE].*$", "").chars().noneMatch(c -> c >= '1' && c <= '9');
        }
        return new BigDecimal(number.text()).compareTo(new BigDecimal(canonical(number))) == 0;
    }

    /** Whether every number in the value, at any depth, is admissible. */
    public static boolean isAdmissible(JsonValue value) {
        if (value instanceof JsonNumber number) {
            return isAdmissible(number);
        }
        if (value instanceof JsonArray array) {
            return array.values().stream().allMatch(Jcs::isAdmissible);
        }
        return !(value instanceof JsonObject object)
                || object.members().values().stream().allMatch(Jcs::isAdmissible);
    }

    /**
     * The number that a text spells in the only way in which this class takes it, so that every reader of the text
     * reads the same number; null for any other text. The way is that of RFC 8785. An integer from 2^53 up to 10^21,
     * of either sign, is spelled by its digits, also if no double holds it.
     */
    public static @Nullable JsonNumber spelled(String text) {
        if (text.isEmpty() || text.length() > MAX_SPELLED) {
            return null;
        }
        try {
            return Json.parse(text) instanceof JsonNumber number && isSpelled(number, text) ? number : null;
        } catch (Json.MalformedJsonException none) {
            return null;
        }
    }

    private static boolean isSpelled(JsonNumber number, String text) {
        return isAdmissible(number)
                ? canonical(number).equals(text)
                : LONG_INTEGER.matcher(text).matches();
    }

    private static void write(JsonValue value, StringBuilder out) {
        if (value instanceof JsonObject object) {
            char separator = '{';
            String[] names = object.members().keySet().toArray(NO_NAMES);
            Arrays.sort(names);
            for (String name : names) {
                out.append(separator);
                separator = ',';
                appendString(name, out);
                out.append(':');
                write(Objects.requireNonNull(object.get(name)), out);
            }
            out.append(separator == '{' ? "{}" : "}");
        } else if (value instanceof JsonArray array) {
            char separator = '[';
            for (JsonValue element : array.values()) {
                out.append(separator);
                separator = ',';
                write(element, out);
            }
            out.append(separator == '[' ? "[]" : "]");
        } else if (value instanceof JsonString string) {
            appendString(string.value(), out);
        } else if (value instanceof JsonNumber number) {
            writeNumber(number, out);
        } else if (value instanceof JsonBoolean bool) {
            out.append(bool.value());
        } else if (value instanceof JsonNull) {
            out.append("null");
        }
    }

    private static void writeNumber(JsonNumber number, StringBuilder out) {
        String text = number.text();
        // The common case: an integer that a double holds exactly is printed as it was written.
        if (text.length() <= 15
                && !text.equals("-0")
                && text.chars().allMatch(c -> c == '-' || (c >= '0' && c <= '9'))) {
            out.append(text);
            return;
        }
        double value = number.asDouble();
        if (!Double.isFinite(value)) {
            throw new ArithmeticException("no finite double: " + text);
        }
        try {
            out.append(NumberToJSON.serializeNumber(value));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isEscaped(char c) {
        return c < 0x20 || c == '"' || c == '\\';
    }

    private static void escape(char c, StringBuilder out) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> out.append(String.format("\\u%04x", (int) c));
        }
    }
}

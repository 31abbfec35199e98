package dev.errand.json;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes text from outside safe to print, in this one place. A character that ends a line, moves a terminal's cursor,
 * changes the direction of the text or is invisible (Default_Ignorable_Code_Point, UAX #44, and the blank of Braille)
 * is written as {@code \}{@code uXXXX}; a character beyond the basic plane, as two of these. All other characters stay.
 *
 * <p>The text may also be JSON: such characters occur only inside its strings, where the escape has the same meaning.
 * Pure; thread-safe.
 */
public final class Printable {
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private static final int FIRST_IGNORABLE = 0xad;

    /**
     * The code points of Default_Ignorable_Code_Point of Unicode 17 (DerivedCoreProperties.txt), and U+2800, as sorted
     * pairs of a first and a last code point. Java itself knows only the code points of category Cf.
     */
    private static final int[] NOT_SEEN = {
        0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x200b, 0x200f, 0x202a,
        0x202e, 0x2060, 0x206f, 0x2800, 0x2800, 0x3164, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0,
        0xfff8, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0000, 0xe0fff
    };

    private Printable() {}

    /** The text on one line. A null is written as {@code null}. */
    public static String line(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        int first = firstEscaped(text);
        return first < 0 ? text : escaped(text, first);
    }

    /**
     * The text on one line, for a quoted value in a log line: cut after {@code max} characters of the original, and
     * with a backslash before each quote and backslash, so that the text cannot end the value.
     */
    public static String quoted(@Nullable String text, int max) {
        return line(cut(text, max).replace("\\", "\\\\").replace("\"", "\\\""));
    }

    /** The text on one line, cut after {@code max} characters of the original. */
    public static String line(@Nullable String text, int max) {
        return line(cut(text, max));
    }

    private static String cut(@Nullable String text, int max) {
        String given = String.valueOf(text);
        return given.length() <= max ? given : given.substring(0, max) + "...";
    }

    /**
     * Whether the character is escaped wherever text is printed. Half a surrogate pair is no character, so it is
     * escaped.
     */
    public static boolean isEscaped(int codePoint) {
        if (codePoint < 0x7f) {
            return codePoint < 0x20;
        }
        if (codePoint >= FIRST_IGNORABLE && isNotSeen(codePoint)) {
            return true;
        }
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** Whether no character of the text is escaped where it is printed. */
    public static boolean isPlain(String text) {
        return firstEscaped(text) < 0;
    }

    private static boolean isNotSeen(int codePoint) {
        int at = Arrays.binarySearch(NOT_SEEN, codePoint);
        // Found: it is the first or last of a pair. Not found: it is inside a pair if the insertion point is odd.
        return at >= 0 || (-at - 1) % 2 == 1;
    }

    private static int firstEscaped(String text) {
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            if (isEscaped(point)) {
                return i;
            }
            i += Character.charCount(point);
        }
        return -1;
    }

    private static String escaped(String text, int from) {
        StringBuilder out = new StringBuilder(text.length() + 32).append(text, 0, from);
        for (int i = from; i < text.length(); ) {
            int point = text.codePointAt(i);
            if (!isEscaped(point)) {
                out.appendCodePoint(point);
            } else if (Character.isBmpCodePoint(point)) {
                escape(out, (char) point);
            } else {
                escape(out, Character.highSurrogate(point));
                escape(out, Character.lowSurrogate(point));
            }
            i += Character.charCount(point);
        }
        return out.toString();
    }

    private static void escape(StringBuilder out, char c) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            out.append(HEX[c >> shift & 15]);
        }
    }
}

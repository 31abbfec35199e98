package dev.errand.operation;

/** The character classes of RFC 3986 that a target may hold raw. Thread-safe. */
final class UriCharacters {
    private static final boolean[] UNRESERVED = new boolean[128];
    private static final boolean[] PATH = new boolean[128];
    private static final boolean[] QUERY = new boolean[128];

    static {
        for (char c = 'a'; c <= 'z'; c++) {
            UNRESERVED[c] = true;
            UNRESERVED[Character.toUpperCase(c)] = true;
        }
        for (char c = '0'; c <= '9'; c++) {
            UNRESERVED[c] = true;
        }
        "-._~".chars().forEach(c -> UNRESERVED[c] = true);
        for (int c = 0; c < 128; c++) {
            PATH[c] = UNRESERVED[c] || "!$&'()*+,=:@%".indexOf(c) >= 0;
            QUERY[c] = PATH[c] || "/?[]".indexOf(c) >= 0;
        }
    }

    private UriCharacters() {}

    /** An unreserved character (RFC 3986 section 2.3). */
    static boolean isUnreserved(char c) {
        return c < 128 && UNRESERVED[c];
    }

    /** A raw character of a segment: {@code pchar} without {@code ;}. */
    static boolean isPath(char c) {
        return c < 128 && PATH[c];
    }

    /** A raw character of a query: {@code pchar} without {@code ;}, and the brackets that real clients send. */
    static boolean isQuery(char c) {
        return c < 128 && QUERY[c];
    }

    /** Why a raw character that is in neither class is refused. */
    static String refusal(char c) {
        if (c >= 0x80) {
            return "a character that is not ASCII";
        } else if (c < 0x20 || c == 0x7f) {
            return "a control character";
        }
        return switch (c) {
            case ';' -> "a semicolon";
            case '\\' -> "a backslash";
            case '#' -> "a fragment";
            default -> "a character that a URI must encode";
        };
    }
}

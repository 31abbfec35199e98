package dev.errand.credential;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Finds what is secret in the value of a header that carries a credential. */
final class HeaderSecrets {
    private static final String SIGNATURE = "Signature=";

    /** A shorter password is not told apart: it would be found in answers that do not hold it. */
    private static final int LEAST_PASSWORD = 16;

    private HeaderSecrets() {}

    /**
     * The value without its scheme (RFC 9110 section 11.4). Of AWS Signature Version 4 only the signature: the rest names key, day
     * and headers. Of {@code Basic} (RFC 7617) also the password.
     */
    static List<String> of(String value) {
        if (value.startsWith("AWS4-")) {
            int at = value.indexOf(SIGNATURE);
            return at < 0 ? List.of() : List.of(value.substring(at + SIGNATURE.length()));
        }
        int space = value.indexOf(' ');
        return space < 0
                ? List.of(value)
                : of(value.substring(0, space), value.substring(space + 1).strip());
    }

    /** The same for a scheme and the rest of the value. */
    static List<String> of(String scheme, String rest) {
        String password = scheme.strip().equalsIgnoreCase("Basic") ? password(rest) : "";
        return password.length() < LEAST_PASSWORD ? List.of(rest) : List.of(rest, password);
    }

    private static String password(String userAndPassword) {
        try {
            String text = new String(Base64.getDecoder().decode(userAndPassword), StandardCharsets.ISO_8859_1);
            return text.substring(text.indexOf(':') + 1);
        } catch (IllegalArgumentException notBase64) {
            return "";
        }
    }
}

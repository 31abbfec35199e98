package dev.errand.web.refusal;

import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpHeaders;

/** Reads which form of refusal a caller accepts. */
final class AcceptedForm {
    private static final String PROBLEM = "application/problem+json";

    private AcceptedForm() {}

    /**
     * Whether {@code Accept} names {@code application/problem+json}, with another weight than 0. A range such as
     * {@code application/*} names nothing. Reads the header once, however long it is.
     */
    public static boolean isProblem(HttpHeaders request) {
        List<String> accepted = request.getOrEmpty(HttpHeaders.ACCEPT);
        for (String value : accepted) {
            int from = 0;
            while (from < value.length()) {
                int comma = value.indexOf(',', from);
                int end = comma < 0 ? value.length() : comma;
                if (names(value, from, end)) {
                    return true;
                }
                from = end + 1;
            }
        }
        return false;
    }

    private static boolean names(String value, int from, int end) {
        int at = from;
        while (at < end && isSpace(value.charAt(at))) {
            at++;
        }
        if (!value.regionMatches(true, at, PROBLEM, 0, PROBLEM.length()) || at + PROBLEM.length() > end) {
            return false;
        }
        String parameters = value.substring(at + PROBLEM.length(), end).strip();
        return parameters.isEmpty()
                || parameters.charAt(0) == ';'
                        && !parameters
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("\\s", "")
                                .matches(".*;q=0(\\.0*)?(;.*)?");
    }

    private static boolean isSpace(char c) {
        return c == ' ' || c == '\t';
    }
}

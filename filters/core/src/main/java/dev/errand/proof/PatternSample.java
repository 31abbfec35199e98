package dev.errand.proof;

import dev.errand.template.ParameterPattern;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds texts that a pattern matches, by writing out what each part of it allows. It knows the common syntax of RE2; the
 * pattern itself has the last word on each text. Used for one pattern; not thread-safe.
 */
final class PatternSample {
    private static final int TRIES = 400;
    private static final List<String> GUESSES =
            List.of("a", "b", "c", "a1", "b1", "ab", "abc", "A", "B", "0", "1", "2", "10", "a-b", "abcdef", "ABC123");
    private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_.@:+ ";

    private final String text;
    /** Which of the possible texts to write; each choice takes its part of the number. */
    private int variant;

    private int at;

    private PatternSample(String text, int variant) {
        this.text = text;
        this.variant = variant;
    }

    /** At most that many different texts that the pattern matches; fewer if no more were found. */
    static List<String> of(ParameterPattern pattern, int most) {
        Set<String> found = new LinkedHashSet<>();
        for (int i = 0; i < TRIES && found.size() < most; i++) {
            add(found, pattern, new PatternSample(pattern.expression(), i).write());
        }
        for (int i = 0; i < GUESSES.size() && found.size() < most; i++) {
            add(found, pattern, GUESSES.get(i));
        }
        return List.copyOf(found);
    }

    private static void add(Set<String> found, ParameterPattern pattern, String text) {
        if (pattern.matches(text)) {
            found.add(text);
        }
    }

    private String write() {
        try {
            return alternatives();
        } catch (StringIndexOutOfBoundsException | NumberFormatException unknownSyntax) {
            return "";
        }
    }

    private int choose(int options) {
        int chosen = Math.floorMod(variant, options);
        variant = variant / options;
        return chosen;
    }

    private String alternatives() {
        List<String> all = new ArrayList<>();
        all.add(sequence());
        while (at < text.length() && text.charAt(at) == '|') {
            at++;
            all.add(sequence());
        }
        return all.get(choose(all.size()));
    }

    private String sequence() {
        StringBuilder written = new StringBuilder();
        while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
            int from = at;
            String first = atom();
            int to = at;
            int times = times();
            int after = at;
            for (int i = 0; i < times; i++) {
                at = from;
                written.append(i == 0 ? first : atom());
            }
            at = Math.max(after, to);
        }
        return written.toString();
    }

    private int times() {
        if (at >= text.length()) {
            return 1;
        }
        int least = 1;
        boolean more = false;
        switch (text.charAt(at)) {
            case '?' -> {
                least = choose(2);
                at++;
            }
            case '*' -> {
                least = choose(2);
                more = true;
                at++;
            }
            case '+' -> {
                more = true;
                at++;
            }
            case '{' -> {
                int end = text.indexOf('}', at);
                String[] bounds = text.substring(at + 1, end).split(",", -1);
                least = Integer.parseInt(bounds[0].strip());
                more = bounds.length > 1 && !bounds[1].equals(bounds[0]);
                at = end + 1;
            }
            default -> {
                return 1;
            }
        }
        if (at < text.length() && text.charAt(at) == '?') {
            at++;
        }
        return least + (more && least == 0 ? choose(2) : 0);
    }

    private String atom() {
        char first = text.charAt(at++);
        switch (first) {
            case '(' -> {
                if (text.startsWith("?", at)) {
                    // Flags for what follows, such as (?i), end at the parenthesis.
                    int close = text.indexOf(')', at);
                    int end = text.indexOf(text.startsWith("?P<", at) ? '>' : ':', at);
                    at = end < 0 || end > close ? close : end + 1;
                }
                String inside = alternatives();
                at++;
                return inside;
            }
            case '[' -> {
                return pick(set());
            }
            case '.' -> {
                return pick(ALPHABET);
            }
            case '^', '$' -> {
                return "";
            }
            case '\\' -> {
                return pick(escaped(text.charAt(at++)));
            }
            default -> {
                return String.valueOf(first);
            }
        }
    }

    private String pick(String characters) {
        return characters.isEmpty() ? "" : String.valueOf(characters.charAt(choose(characters.length())));
    }

    private static String escaped(char escaped) {
        return switch (escaped) {
            case 'd' -> "1203456789";
            case 'w' -> "ab0123456789_AB";
            case 's' -> " ";
            case 'D', 'S', 'W' -> escaped == 'W' ? "-. " : "abc";
            case 'b', 'B', 'A', 'z' -> "";
            default -> String.valueOf(escaped);
        };
    }

    private String set() {
        boolean negated = text.charAt(at) == '^';
        at += negated ? 1 : 0;
        StringBuilder members = new StringBuilder();
        boolean first = true;
        while (first || text.charAt(at) != ']') {
            first = false;
            if (text.startsWith("[:", at)) {
                String name = text.substring(at + 2, text.indexOf(":]", at));
                at = text.indexOf(":]", at) + 2;
                members.append(
                        name.equals("digit")
                                ? "0123456789"
                                : name.equals("upper") ? "ABC" : "abcdefghijklmnopqrstuvwxyz");
                continue;
            }
            char low = text.charAt(at++);
            if (low == '\\') {
                members.append(escaped(text.charAt(at++)));
            } else if (text.charAt(at) == '-' && text.charAt(at + 1) != ']') {
                char high = text.charAt(at + 1);
                at += 2;
                for (char each = low; each <= high && members.length() < 256; each++) {
                    members.append(each);
                }
            } else {
                members.append(low);
            }
        }
        at++;
        if (!negated) {
            return members.toString();
        }
        StringBuilder others = new StringBuilder();
        ALPHABET.chars()
                .filter(each -> members.indexOf(String.valueOf((char) each)) < 0)
                .forEach(each -> others.append((char) each));
        return others.toString();
    }
}

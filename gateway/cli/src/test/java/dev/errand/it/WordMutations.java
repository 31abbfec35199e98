package dev.errand.it;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Requests made from plain ones by chance: one to three changes of path, query, method or headers each, of words that mean
 * something to the server. The same seed makes the same requests. Not thread-safe.
 */
final class WordMutations {
    /** {@code -Derrand.mutations.seed}: which requests are made. */
    private static final long SEED = Long.getLong("errand.mutations.seed", 28);

    /** {@code -Derrand.mutations}: how many are made of each plain request. */
    private static final int EACH = Integer.getInteger("errand.mutations", 50);

    private static final List<String> PIECES = List.of(
            "/",
            "//",
            "/./",
            "/../",
            "%2F",
            "%2f",
            "%5C",
            "%3B",
            ";",
            ";x=y",
            "%00",
            "%20",
            "+",
            "%2B",
            "%",
            "%zz",
            "%252F",
            "%c0%af",
            "%EF%BC%8F",
            "..",
            ".",
            "*",
            "~",
            ":",
            "@",
            "=",
            "&",
            "?",
            "#",
            "%3F",
            "%23",
            "_none",
            "_cluster");

    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "get", "LIST");

    /**
     * What changes are made of.
     *
     * @param segments of paths
     * @param pairs of queries
     * @param lines header lines without their ends
     * @param always the last pair of each query, which no change touches; empty for none
     * @param never methods and paths, as {@code METHOD /path}, that are left out: what they do no state of a test undoes
     */
    record Words(List<String> segments, List<String> pairs, List<String> lines, String always, Set<String> never) {}

    private final Random random = new Random(SEED);
    private final Words words;

    WordMutations(Words words) {
        this.words = words;
    }

    /** Those of all plain requests, each with the plain one first. */
    List<Spelling> of(List<Spelling.Base> plain) {
        List<Spelling> all = new ArrayList<>();
        for (Spelling.Base base : plain) {
            all.add(ended(base).as(base.method() + ' ' + base.path() + base.query()));
            for (int i = 0; i < EACH; i++) {
                Spelling.Base changed = ended(changed(base));
                if (!words.never().contains(changed.method() + ' ' + changed.path())) {
                    all.add(changed.as("seed " + SEED + ", " + i + " of " + base.method() + ' ' + base.path() + ": "
                            + changed.method() + ' ' + changed.path() + changed.query() + ' '
                            + changed.lines().replace("\r\n", "; ")));
                }
            }
        }
        return all;
    }

    private Spelling.Base ended(Spelling.Base base) {
        String query = words.always().isEmpty()
                ? base.query()
                : base.query() + (base.query().isEmpty() ? '?' : '&') + words.always();
        return with(base, base.method(), base.path(), query, base.lines());
    }

    private Spelling.Base changed(Spelling.Base base) {
        Spelling.Base changed = base;
        for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
            changed = once(changed);
        }
        return changed;
    }

    private Spelling.Base once(Spelling.Base base) {
        return switch (random.nextInt(9)) {
            case 0, 1, 2 -> with(base, base.method(), path(base.path()), base.query(), base.lines());
            case 3 -> with(base, base.method(), spelled(base.path(), 1), base.query(), base.lines());
            case 4, 5 -> with(base, base.method(), base.path(), query(base.query()), base.lines());
            case 6 ->
                with(
                        base,
                        base.method(),
                        base.path(),
                        base.query().isEmpty() ? "" : spelled(base.query(), 1),
                        base.lines());
            case 7 -> with(base, one(METHODS), base.path(), base.query(), base.lines());
            default -> with(base, base.method(), base.path(), base.query(), base.lines() + one(words.lines()) + "\r\n");
        };
    }

    private static Spelling.Base with(Spelling.Base base, String method, String path, String query, String lines) {
        return new Spelling.Base(method, base.prefix(), path, query, lines, base.body());
    }

    private String path(String path) {
        int at = 1 + random.nextInt(Math.max(1, path.length() - 1));
        List<String> segments = new ArrayList<>(List.of(path.substring(1).split("/", -1)));
        int which = random.nextInt(segments.size());
        return switch (random.nextInt(6)) {
            case 0 -> path.substring(0, at) + one(PIECES) + path.substring(at);
            case 1 -> path + one(PIECES);
            case 2 -> {
                segments.add(which, one(words.segments()));
                yield '/' + String.join("/", segments);
            }
            case 3 -> {
                segments.set(which, one(words.segments()));
                yield '/' + String.join("/", segments);
            }
            case 4 -> {
                segments.remove(which);
                yield '/' + String.join("/", segments);
            }
            default -> {
                segments.add(segments.get(which));
                yield '/' + String.join("/", segments);
            }
        };
    }

    private String query(String query) {
        String pair = one(words.pairs());
        return query.isEmpty()
                ? '?' + pair
                : random.nextBoolean() ? query + '&' + pair : '?' + pair + '&' + query.substring(1);
    }

    /** One character in another spelling: encoded, encoded twice, in the other letter case, or left out. */
    private String spelled(String text, int from) {
        if (text.length() <= from) {
            return text;
        }
        int at = from + random.nextInt(text.length() - from);
        char c = text.charAt(at);
        String other = switch (random.nextInt(5)) {
            case 0 -> String.format("%%%02x", (int) c);
            case 1 -> String.format("%%%02X", (int) c);
            case 2 -> String.format("%%25%02x", (int) c);
            case 3 -> String.valueOf(Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c));
            default -> "";
        };
        return text.substring(0, at) + other + text.substring(at + 1);
    }

    private String one(List<String> of) {
        return of.get(random.nextInt(of.size()));
    }
}

package dev.errand.it;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Requests that differ from a plain one in a few places, chosen by a seed. Half of them are the plain one with one to three
 * changes. The other half begin with the spellings that every matcher of requests has to know ({@link #spellings}), in turn. Of
 * each request there are 50, or as many as {@code -Derrand.mutations=1000} says. {@code -Derrand.mutations.seed=7} makes others.
 * A failure names the spelling and the seed.
 */
final class Mutations {
    private static final int COUNT = Integer.getInteger("errand.mutations", 50);
    private static final long SEED = Long.getLong("errand.mutations.seed", 28);

    private static final List<String> PIECES = List.of(
            "/",
            "//",
            "/./",
            "/../",
            "%2F",
            "%2f",
            "%252F",
            "%5C",
            ";",
            ";x=y",
            "%3B",
            "%00",
            "%20",
            "+",
            "%2B",
            ".",
            "..",
            "%2e%2e",
            "*",
            "~",
            "%7e",
            "%25",
            "?",
            "&",
            "=",
            "#",
            "%23",
            "%3F",
            "@",
            ":",
            ",",
            "'",
            "(",
            "!",
            "$",
            "%c3%a9",
            "%C0%AF",
            "%e2%84%aa",
            ".git",
            "a",
            "Z",
            "0",
            "-",
            "_",
            "|",
            "[",
            "]");
    private static final List<String> METHODS =
            List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "LIST", "SCAN", "OPTIONS", "get", "PROPFIND");
    private static final List<String> LINES = List.of(
            "X-HTTP-Method-Override: DELETE",
            "X-Original-URL: /",
            "X-Forwarded-Prefix: /x",
            "X_Vault_Namespace: team",
            "Content-Type: text/plain",
            "Content-Encoding: gzip",
            "Range: bytes=0-1",
            "If-None-Match: *",
            "Accept: application/json;as=Table",
            "Expect: 100-continue",
            "Sudo: root",
            "Content-Type: application/json",
            "content_type: text/plain",
            "Content-Range: 0-1",
            "X-Vault-Wrap-TTL: 60s",
            "X-WEBAUTH-USER: root",
            "X-Gitea-OTP: 1",
            "Cookie: i_like_gitea=x",
            "Git-Protocol: version=2",
            "Accept-Encoding: gzip",
            "Connection: Content-Type");

    private final Spelling.Base base;
    private final List<String> keys;
    private final RandomGenerator random;

    /** @param keys of queries that mean something to the server */
    private Mutations(Spelling.Base base, List<String> keys, long seed) {
        this.base = base;
        this.keys = keys;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /** As many mutations of the request as the system property says. */
    static List<Spelling> of(Spelling.Base base, List<String> keys) {
        List<Spelling> all = new ArrayList<>();
        List<Map.Entry<String, Spelling.Base>> spelled =
                List.copyOf(spellings(base).entrySet());
        for (int i = 0; i < COUNT; i++) {
            long seed = SEED * 1_000_003 + i;
            Map.Entry<String, Spelling.Base> one =
                    i % 2 == 0 ? Map.entry("plain", base) : spelled.get(i / 2 % spelled.size());
            all.add(new Mutations(one.getValue(), keys, seed).next(one.getKey() + ", mutated by seed " + seed));
        }
        return all;
    }

    /** A request in each of the spellings that an upstream may read otherwise than a gateway does. */
    private static Map<String, Spelling.Base> spellings(Spelling.Base base) {
        Map<String, Spelling.Base> all = new LinkedHashMap<>();
        String path = base.path();
        int slash = path.lastIndexOf('/');
        String before = path.substring(0, slash);
        String last = path.substring(slash + 1);
        String again = base.query().isEmpty()
                ? "?x=1&x=2"
                : base.query() + '&' + base.query().substring(1);
        all.put("%2F", with(base, before + "%2F" + last));
        all.put("%252F", with(base, before + "%252F" + last));
        all.put("//", with(base, before + "//" + last));
        all.put("..", with(base, before + "/x/../" + last));
        all.put("%2e%2e", with(base, before + "/x/%2e%2e/" + last));
        all.put(";x", with(base, path + ";x"));
        all.put("trailing /", with(base, path + '/'));
        all.put("case", with(base, before + '/' + last.toUpperCase(Locale.ROOT)));
        all.put("HEAD", new Spelling.Base("HEAD", base.prefix(), path, base.query(), base.lines(), base.body()));
        String override = base.lines() + "X-HTTP-Method-Override: DELETE\r\n";
        all.put("override", new Spelling.Base(base.method(), base.prefix(), path, base.query(), override, base.body()));
        all.put(
                "duplicate key",
                new Spelling.Base(base.method(), base.prefix(), path, again, base.lines(), base.body()));
        return all;
    }

    private static Spelling.Base with(Spelling.Base base, String path) {
        return new Spelling.Base(base.method(), base.prefix(), path, base.query(), base.lines(), base.body());
    }

    private Spelling next(String name) {
        StringBuilder path = new StringBuilder(base.path());
        String query = base.query();
        String method = base.method();
        StringBuilder lines = new StringBuilder();
        for (int edits = 1 + random.nextInt(3); edits > 0; edits--) {
            switch (random.nextInt(10)) {
                case 0, 1 -> path.insert(1 + random.nextInt(path.length()), one(PIECES));
                case 2 -> replace(path);
                case 3 -> encode(path);
                case 4 -> letter(path);
                case 5 -> segments(path);
                case 6, 7 -> query = query(query);
                case 8 -> method = one(METHODS);
                default -> lines.append(one(LINES)).append("\r\n");
            }
        }
        return base.as(name, method, base.prefix() + path, query, lines.toString());
    }

    private String one(List<String> list) {
        return list.get(random.nextInt(list.size()));
    }

    private int at(StringBuilder path) {
        return random.nextInt(1, Math.max(2, path.length()));
    }

    private void replace(StringBuilder path) {
        int at = at(path);
        if (at < path.length()) {
            path.replace(at, at + 1, one(PIECES));
        }
    }

    private void encode(StringBuilder path) {
        int at = at(path);
        if (at < path.length() && path.charAt(at) != '%') {
            String triplet = String.format(random.nextBoolean() ? "%%%02x" : "%%%02X", (int) path.charAt(at));
            path.replace(at, at + 1, triplet);
        }
    }

    private void letter(StringBuilder path) {
        int at = at(path);
        if (at < path.length()) {
            String other = path.substring(at, at + 1).toUpperCase(Locale.ROOT);
            path.replace(at, at + 1, other);
        }
    }

    /** One segment twice, or gone. */
    private void segments(StringBuilder path) {
        int from = path.indexOf("/", random.nextInt(path.length()));
        int to = from < 0 ? -1 : path.indexOf("/", from + 1);
        if (to > 0 && random.nextBoolean()) {
            path.insert(from, path.substring(from, to));
        } else if (to > 0 && from > 0) {
            path.delete(from, to);
        }
    }

    private String query(String query) {
        String value = random.nextBoolean() ? "true" : one(PIECES).replace("#", "");
        String pair = one(keys) + (random.nextInt(5) == 0 ? "" : "=" + value);
        return query.isEmpty()
                ? '?' + pair
                : random.nextBoolean() ? query + '&' + pair : '?' + pair + '&' + query.substring(1);
    }
}

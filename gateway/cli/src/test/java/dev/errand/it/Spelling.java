package dev.errand.it;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One request of the spelling table, as it goes over the wire.
 *
 * @param name what is odd about it
 * @param path the path that its proof names
 * @param bytes the request, {@code %AUTH%} standing for the lines that prove the caller
 * @param half whether the client says no more once it is sent: for bodies that end nowhere
 */
record Spelling(String name, String method, String path, String bytes, boolean half) {
    private static final List<String> FOR_A_SLASH = List.of(
            "%2F",
            "%2f",
            "%252F",
            "%252f",
            "//",
            "/./",
            "/../",
            "/%2e/",
            "/%2e%2e/",
            "/.%2E/",
            "/..;/",
            "/x/../",
            "/x/%2e%2e/",
            "\\",
            "%5C",
            "/%00",
            "%00/",
            "%c0%af",
            "%e0%80%af",
            "%ef%bc%8f",
            ";/",
            ";x/",
            ";x=y/",
            "%3B/",
            "%3F/",
            "%23/",
            "%20/",
            "+/",
            "/%0a",
            "%09/",
            "/\t",
            "%u002f");
    private static final List<String> AT_THE_END = List.of(
            "/", "//", "/.", "/..", "/%2e", "/%2e%2e", "%2F", ";", ";x", "?", "??a", "#x", "%3Fn=1", "%23", "%00",
            "%20", " ", ".json", "\u00e9", "%", "%2", "%zz", "%ff", "%c0%80", "*", "%7f", "%80", "'", "\"", "<", "|");
    private static final List<String> METHODS = List.of(
            "HEAD", "OPTIONS", "TRACE", "GET", "POST", "PUT", "PATCH", "DELETE", "get", "GeT", "LIST", "PROPFIND");
    private static final List<String> OVERRIDES = List.of(
            "X-HTTP-Method-Override",
            "X-HTTP-Method",
            "X-Method-Override",
            "X_HTTP_Method_Override",
            "x-http-method_override");
    private static final List<String> TARGET_OVERRIDES =
            List.of("X-Original-URL", "X-Rewrite-URL", "X-Original-URI", "X_Original_URL", "X-Override-URL");

    /**
     * A plain request that the table makes variants of.
     *
     * @param prefix what the route strips from its path
     * @param path the upstream's path
     * @param query with its question mark, or empty
     * @param lines its header lines, each with its end
     * @param body may be empty
     */
    record Base(String method, String prefix, String path, String query, String lines, String body) {
        Spelling as(String name) {
            return as(name, method, prefix + path, query, "");
        }

        Spelling as(String name, String method, String path, String query, String more) {
            String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
            String host = more.contains("Host:") ? "" : "Host: 127.0.0.1\r\n";
            return new Spelling(
                    name,
                    method,
                    path,
                    method + ' ' + path + query + " HTTP/1.1\r\n" + host + "Connection: close\r\n%AUTH%" + lines + more
                            + length + "\r\n" + body,
                    false);
        }

        /** With this header block's end and body, byte by byte. */
        Spelling framed(String name, String end) {
            return new Spelling(
                    name,
                    method,
                    prefix + path,
                    method + ' ' + prefix + path + query + " HTTP/1.1\r\nHost: 127.0.0.1\r\n%AUTH%" + lines + end,
                    !end.startsWith("Connection: close"));
        }
    }

    /** Every way to spell the path, the method, the target's form, the host. */
    static List<Spelling> of(Base base) {
        List<Spelling> all = new ArrayList<>(List.of(base.as("plain")));
        paths(base).forEach((name, path) -> all.add(base.as(name, base.method(), path, base.query(), "")));
        for (String method : METHODS) {
            all.add(base.as("method " + method, method, base.prefix() + base.path(), base.query(), ""));
        }
        for (String header : OVERRIDES) {
            for (String method : List.of("DELETE", "PUT", "GET")) {
                all.add(with(base, header + ": " + method));
            }
        }
        for (String header : TARGET_OVERRIDES) {
            all.add(with(base, header + ": " + base.prefix() + "/other"));
        }
        for (String line : List.of(
                "Host: evil.example",
                "Host: a/b",
                "Host: a@b",
                "Host: ",
                "Host: 127.0.0.1\r\nHost: evil.example",
                "Host: 127.0.0.1, evil.example",
                "Host: 127.0.0.1\r\nX-Forwarded-Host: evil.example",
                "Host: 127.0.0.1\r\nX-Forwarded-Prefix: /other",
                "Host: 127.0.0.1\r\nForwarded: host=evil.example",
                "Host: 127.0.0.1\r\nX-Forwarded-Proto: https")) {
            all.add(with(base, line));
        }
        for (String query : List.of(
                "_method=DELETE",
                "_METHOD=DELETE",
                "%5fmethod=DELETE",
                "zzz=1",
                "%00",
                "a=%",
                "a;b",
                "a=\u00e9",
                "a=b#c",
                "a=%c0%af",
                "&",
                "=",
                "=x",
                "a=%2526")) {
            String joined = (base.query().isEmpty() ? "?" : base.query() + "&") + query;
            all.add(base.as("query " + query, base.method(), base.prefix() + base.path(), joined, ""));
        }
        for (String form : List.of(
                "http://127.0.0.1",
                "http://evil.example",
                "HTTP://evil.example:80",
                "http://",
                "https://x@y",
                "http:",
                "//evil.example",
                "x",
                "/http://evil.example")) {
            all.add(new Spelling(
                    "form " + form,
                    base.method(),
                    base.prefix() + base.path(),
                    base.as("").bytes().replaceFirst(" /", " " + form + "/"),
                    false));
        }
        return all;
    }

    private static Spelling with(Base base, String line) {
        return base.as("header " + line, base.method(), base.prefix() + base.path(), base.query(), line + "\r\n");
    }

    private static Map<String, String> paths(Base base) {
        Map<String, String> paths = new LinkedHashMap<>();
        String path = base.path();
        for (int at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
            for (String slash : FOR_A_SLASH) {
                paths.put(
                        "slash at " + at + " as " + slash,
                        base.prefix() + path.substring(0, at) + slash + path.substring(at + 1));
            }
            if (at + 1 < path.length()) {
                char c = path.charAt(at + 1);
                String[] letters = {
                    String.format("%%%02x", (int) c),
                    String.format("%%%02X", (int) c),
                    String.format("%%25%02x", (int) c),
                    String.format("%%u%04x", (int) c),
                    String.valueOf(Character.toUpperCase(c)),
                    String.format("%%%02x", (int) Character.toUpperCase(c))
                };
                for (String letter : letters) {
                    paths.put(
                            "letter at " + at + " as " + letter,
                            base.prefix() + path.substring(0, at + 1) + letter + path.substring(at + 2));
                }
            }
        }
        for (String slash : List.of("%2F", "//", "/./", "/../x/..", "\\", ";a/")) {
            paths.put("prefix " + slash, base.prefix() + slash + path.substring(1));
            paths.put("before the prefix " + slash, slash + base.prefix().substring(1) + path);
        }
        for (String end : AT_THE_END) {
            paths.put("end " + end, base.prefix() + path + end);
        }
        paths.put("upper case", base.prefix() + path.toUpperCase(java.util.Locale.ROOT));
        paths.put("prefix in upper case", base.prefix().toUpperCase(java.util.Locale.ROOT) + path);
        return paths;
    }

    /**
     * Ways to say where the body ends.
     *
     * @param smuggled a whole request that must never be done
     */
    static List<Spelling> framings(Base base, String smuggled) {
        String body = base.body();
        int n = body.length();
        String hex = Integer.toHexString(n);
        String chunked = "Transfer-Encoding: chunked\r\n\r\n";
        String whole = hex + "\r\n" + body + "\r\n0\r\n\r\n";
        String close = "Connection: close\r\n";
        Map<String, String> ends = new LinkedHashMap<>();
        ends.put("chunked", close + chunked + whole);
        ends.put("two lengths alike", close + "Content-Length: " + n + "\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("two lengths, the first short", "Content-Length: 0\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("two lengths, the second short", "Content-Length: " + n + "\r\nContent-Length: 0\r\n\r\n" + body);
        ends.put("a list of lengths", close + "Content-Length: " + n + ", " + n + "\r\n\r\n" + body);
        ends.put("length with a sign", "Content-Length: +" + n + "\r\n\r\n" + body);
        ends.put("length in hex", "Content-Length: 0x" + hex + "\r\n\r\n" + body);
        ends.put("length with a space", "Content-Length: " + n + " 1\r\n\r\n" + body);
        ends.put("length before a colon and space", "Content-Length : " + n + "\r\n\r\n" + body);
        ends.put("length and chunked", "Content-Length: " + whole.length() + "\r\n" + chunked + whole + smuggled);
        ends.put("length short and chunked", "Content-Length: 4\r\n" + chunked + whole + smuggled);
        ends.put("chunked behind something", "Transfer-Encoding: x, chunked\r\n\r\n" + whole);
        ends.put("chunked before something", "Transfer-Encoding: chunked, identity\r\n\r\n" + whole);
        ends.put("chunked twice", "Transfer-Encoding: chunked\r\n" + chunked + whole);
        ends.put(
                "chunked misspelt",
                "Content-Length: " + n + "\r\nTransfer-Encoding: xchunked\r\n\r\n" + body + smuggled);
        ends.put("chunked behind a tab", "Transfer-Encoding:\tchunked\r\n\r\n" + whole);
        ends.put(
                "chunked behind a vertical tab",
                "Content-Length: " + n + "\r\nTransfer-Encoding: \u000bchunked\r\n\r\n" + body + smuggled);
        ends.put(
                "chunked with an underscore", "Transfer_Encoding: chunked\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("chunk extension", close + chunked + hex + ";a=b\r\n" + body + "\r\n0\r\n\r\n");
        ends.put("chunk size with 0x", chunked + "0x" + hex + "\r\n" + body + "\r\n0\r\n\r\n");
        ends.put("chunk size with a sign", chunked + "-" + hex + "\r\n" + body + "\r\n0\r\n\r\n");
        ends.put("chunk size beyond 64 bits", chunked + "10000000000000000" + hex + "\r\n" + body + "\r\n0\r\n\r\n");
        ends.put("chunk size that is no number", chunked + "zz\r\n" + body + "\r\n0\r\n\r\n");
        ends.put("chunk lines end in LF", chunked + hex + "\n" + body + "\n0\n\n");
        ends.put("chunk longer than its size", chunked + hex + "\r\n" + body + "xx\r\n0\r\n\r\n");
        ends.put("chunk without its last", chunked + hex + "\r\n" + body + "\r\n");
        ends.put(
                "a trailer",
                close + chunked + hex + "\r\n" + body + "\r\n0\r\nAuthorization: x\r\nTxn-Token: y\r\n\r\n");
        ends.put("folded header", "X-A: b\r\n c\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("bare CR in a header", "X-A: b\rContent-Length: 0\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("NUL in a header", "X-A: b\u0000c\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("header lines end in LF", "X-A: b\nContent-Length: " + n + "\n\n" + body);
        ends.put("header without a colon", "nonsense\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("length too short", "Content-Length: " + Math.max(0, n - 3) + "\r\n\r\n" + body);
        ends.put("length too long", "Content-Length: " + (n + 50) + "\r\n\r\n" + body);
        ends.put("a second request behind", "Content-Length: " + n + "\r\n\r\n" + body + smuggled);
        ends.put("a second request behind chunks", chunked + whole + smuggled);
        ends.put("expects 100", close + "Expect: 100-continue\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put("expects something else", close + "Expect: 200-maybe\r\nContent-Length: " + n + "\r\n\r\n" + body);
        ends.put(
                "upgrade to h2c",
                "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nContent-Length: "
                        + n + "\r\n\r\n" + body);
        List<Spelling> all = new ArrayList<>();
        ends.forEach((name, end) -> all.add(base.framed(name, end)));
        all.add(new Spelling(
                "HTTP/1.0",
                base.method(),
                base.prefix() + base.path(),
                base.as("").bytes().replace(" HTTP/1.1", " HTTP/1.0"),
                false));
        all.add(new Spelling(
                "HTTP/0.9",
                base.method(),
                base.prefix() + base.path(),
                base.method() + " " + base.prefix() + base.path() + "\r\n\r\n",
                true));
        all.add(new Spelling(
                "HTTP/3.0",
                base.method(),
                base.prefix() + base.path(),
                base.as("").bytes().replace(" HTTP/1.1", " HTTP/3.0"),
                true));
        return all;
    }
}

package dev.errand.jose;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.Optional;

/**
 * Normalises {@code htu} values for their comparison (RFC 9449 section 4.3): syntax-based and scheme-based
 * normalisation (RFC 3986 sections 6.2.2 and 6.2.3), without query and fragment. Pure.
 */
final class HttpTarget {
    private static final int MAX_LENGTH = 32 * 1024;

    private HttpTarget() {}

    static boolean same(String claimed, String actual) {
        return claimed.equals(actual)
                || normalise(claimed)
                        .flatMap(left -> normalise(actual).map(left::equals))
                        .orElse(false);
    }

    /** The normal form; empty if the text is not an absolute http or https URI, or has user information. */
    static Optional<String> normalise(String uri) {
        int scheme = uri.indexOf("://");
        if (scheme < 0 || uri.length() > MAX_LENGTH || !isVisibleAscii(uri)) {
            return Optional.empty();
        }
        String name = uri.substring(0, scheme).toLowerCase(Locale.ROOT);
        if (!name.equals("https") && !name.equals("http")) {
            return Optional.empty();
        }
        int end = firstOf(uri, "?#", scheme + 3);
        int slash = firstOf(uri, "/?#", scheme + 3);
        Optional<String> authority = authority(uri.substring(scheme + 3, slash), name);
        Optional<String> path = percentNormal(uri.substring(slash, end)).map(HttpTarget::withoutDotSegments);
        return authority.flatMap(a -> path.map(p -> name + "://" + a + (p.isEmpty() ? "/" : p)));
    }

    private static Optional<String> authority(String text, String scheme) {
        if (text.isEmpty() || text.indexOf('@') >= 0 || text.indexOf('%') >= 0) {
            return Optional.empty();
        }
        int colon = text.lastIndexOf(':');
        boolean hasPort = colon > text.lastIndexOf(']');
        String host = (hasPort ? text.substring(0, colon) : text).toLowerCase(Locale.ROOT);
        String port = hasPort ? text.substring(colon + 1) : "";
        if (host.isEmpty() || !port.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        boolean isDefault = port.isEmpty() || port.equals(scheme.equals("https") ? "443" : "80");
        return Optional.of(isDefault ? host : host + ":" + port);
    }

    private static Optional<String> percentNormal(String path) {
        if (path.indexOf('%') < 0) {
            return Optional.of(path);
        }
        StringBuilder out = new StringBuilder(path.length());
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c != '%') {
                out.append(c);
                continue;
            }
            int high = i + 2 < path.length() ? Character.digit(path.charAt(i + 1), 16) : -1;
            int low = i + 2 < path.length() ? Character.digit(path.charAt(i + 2), 16) : -1;
            if (high < 0 || low < 0) {
                return Optional.empty();
            }
            char decoded = (char) (high * 16 + low);
            if (isUnreserved(decoded)) {
                out.append(decoded);
            } else {
                out.append(path.substring(i, i + 3).toUpperCase(Locale.ROOT));
            }
            i += 2;
        }
        return Optional.of(out.toString());
    }

    /** Removes dot segments (RFC 3986 section 5.2.4) from a path that is empty or begins with a slash. */
    private static String withoutDotSegments(String path) {
        if (!path.contains("/.")) {
            return path;
        }
        Deque<String> kept = new ArrayDeque<>();
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean last = i == segments.length - 1;
            if (segments[i].equals("..")) {
                kept.pollLast();
            } else if (!segments[i].equals(".")) {
                kept.addLast(segments[i]);
                continue;
            }
            if (last) {
                kept.addLast("");
            }
        }
        return "/" + String.join("/", kept);
    }

    private static int firstOf(String text, String characters, int from) {
        for (int i = from; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean isVisibleAscii(String text) {
        return text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '\\');
    }

    private static boolean isUnreserved(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~';
    }
}

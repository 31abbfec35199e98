package dev.errand.token;

import java.util.Optional;

/**
 * A SPIFFE ID (SPIFFE-ID standard, section 2): {@code spiffe://<trust domain>/<path>}.
 *
 * @param trustDomain lower-case letters, digits, dots, dashes and underscores, 1 to 255
 * @param path empty, or segments of letters, digits, dots, dashes and underscores, each after a slash; no empty,
 *     {@code .} or {@code ..} segment and no slash at the end
 */
public record SpiffeId(String trustDomain, String path) {
    /** The longest ID accepted, in bytes. */
    public static final int MAX_LENGTH = 2048;

    private static final String SCHEME = "spiffe://";

    /** Parses untrusted text by the grammar above; empty if it is not a SPIFFE ID. */
    public static Optional<SpiffeId> parse(String text) {
        if (text.length() > MAX_LENGTH || !text.startsWith(SCHEME)) {
            return Optional.empty();
        }
        int slash = text.indexOf('/', SCHEME.length());
        String domain = slash < 0 ? text.substring(SCHEME.length()) : text.substring(SCHEME.length(), slash);
        String path = slash < 0 ? "" : text.substring(slash);
        if (domain.isEmpty() || domain.length() > 255 || !domain.chars().allMatch(SpiffeId::isDomainCharacter)) {
            return Optional.empty();
        }
        if (!path.isEmpty()) {
            for (String segment : path.substring(1).split("/", -1)) {
                if (segment.isEmpty()
                        || segment.equals(".")
                        || segment.equals("..")
                        || !segment.chars().allMatch(SpiffeId::isPathCharacter)) {
                    return Optional.empty();
                }
            }
        }
        return Optional.of(new SpiffeId(domain, path));
    }

    private static boolean isDomainCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }

    private static boolean isPathCharacter(int c) {
        return isDomainCharacter(c) || (c >= 'A' && c <= 'Z');
    }

    @Override
    public String toString() {
        return SCHEME + trustDomain + path;
    }
}

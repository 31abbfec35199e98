package dev.errand.template;

import dev.errand.token.SpiffeId;
import java.util.List;
import java.util.Optional;

/**
 * A pattern for agents: a SPIFFE ID in whose path {@code *} stands for any characters of one segment. The trust domain
 * is always exact. Immutable and thread-safe.
 *
 * @param text the pattern as it is written in the template
 * @param trustDomain the exact trust domain
 * @param segments the path's segments, some with {@code *}; at least one
 */
public record AgentPattern(String text, String trustDomain, List<String> segments) {
    public AgentPattern {
        segments = List.copyOf(segments);
    }

    /** Parses a pattern; empty if it is not a SPIFFE ID with a path once every {@code *} is replaced by a letter. */
    public static Optional<AgentPattern> parse(String text) {
        return SpiffeId.parse(text.replace('*', 'x'))
                .filter(id -> !id.path().isEmpty()
                        && text.startsWith("spiffe://" + id.trustDomain() + "/")
                        && !text.contains("**"))
                .map(id -> new AgentPattern(
                        text,
                        id.trustDomain(),
                        List.of(text.substring(
                                        "spiffe://".length() + id.trustDomain().length() + 1)
                                .split("/", -1))));
    }

    public boolean matches(SpiffeId agent) {
        if (!agent.trustDomain().equals(trustDomain) || agent.path().isEmpty()) {
            return false;
        }
        String[] actual = agent.path().substring(1).split("/", -1);
        if (actual.length != segments.size()) {
            return false;
        }
        for (int i = 0; i < actual.length; i++) {
            if (!matches(segments.get(i), actual[i])) {
                return false;
            }
        }
        return true;
    }

    /** Whether this pattern matches every agent that the other one matches. */
    public boolean covers(AgentPattern other) {
        boolean same = other.trustDomain.equals(trustDomain) && other.segments.size() == segments.size();
        for (int i = 0; same && i < segments.size(); i++) {
            // Only a star of this pattern takes a star of the other one.
            same = matches(segments.get(i), other.segments.get(i));
        }
        return same;
    }

    /**
     * Matches a glob greedily: after a mismatch the last star takes one more character; at most length squared steps.
     */
    private static boolean matches(String pattern, String text) {
        int p = 0;
        int t = 0;
        int star = -1;
        int starText = 0;
        while (t < text.length()) {
            if (p < pattern.length() && pattern.charAt(p) == '*') {
                star = p++;
                starText = t;
            } else if (p < pattern.length() && pattern.charAt(p) == text.charAt(t)) {
                p++;
                t++;
            } else if (star >= 0) {
                p = star + 1;
                t = ++starText;
            } else {
                return false;
            }
        }
        while (p < pattern.length() && pattern.charAt(p) == '*') {
            p++;
        }
        return p == pattern.length();
    }
}

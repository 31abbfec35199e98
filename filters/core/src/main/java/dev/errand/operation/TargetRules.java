package dev.errand.operation;

import java.util.List;
import java.util.Optional;

/**
 * What is refused before a request is resolved: a misspelled target, headers that override method or URL, headers that
 * this API refuses, and a second value of a header that may have only one. Immutable and thread-safe.
 *
 * <p>The rules of one API.
 *
 * @param settings the spelling
 * @param headers the rules for headers
 */
public record TargetRules(Normalisation settings, HeaderRules headers) {
    /** The most characters of a header's name that a refusal quotes. */
    private static final int MAX_NAME = 64;

    /** Why the request is malformed as the client sent it, or empty. */
    public Optional<String> refuse(String rawTarget, RequestHeaders sent) {
        int mark = rawTarget.indexOf('?');
        String path = mark < 0 ? rawTarget : rawTarget.substring(0, mark);
        if (CanonicalPath.parse(path, settings) instanceof Canonical.Refused<CanonicalPath> refused) {
            return Optional.of(refused.why());
        }
        if (mark >= 0
                && CanonicalQuery.parse(rawTarget.substring(mark + 1))
                        instanceof Canonical.Refused<CanonicalQuery> refused) {
            return Optional.of(refused.why());
        }
        return refuse(sent);
    }

    private Optional<String> refuse(RequestHeaders sent) {
        List<String> names = sent.lowerNames();
        for (int i = 0; i < names.size(); i++) {
            HeaderRule rule = headers.of(names.get(i));
            if (rule.refuses()) {
                return Optional.of(why(rule, names.get(i)));
            }
        }
        List<String> repeated = sent.repeatedNames();
        for (int i = 0; i < repeated.size(); i++) {
            if (headers.isSingle(repeated.get(i))) {
                return Optional.of(named(repeated.get(i))
                        + " is given twice, and servers read the first or the last: send it once");
            }
        }
        return Optional.empty();
    }

    /** The header of this name in a sentence. */
    public static String named(String name) {
        return "the header " + name.substring(0, Math.min(name.length(), MAX_NAME));
    }

    private static String why(HeaderRule rule, String name) {
        String header = named(name);
        return rule.fate() == HeaderRule.Fate.OVERRIDES
                ? header + " overrides the method, the host or the URL"
                : header + " is refused for this API";
    }
}

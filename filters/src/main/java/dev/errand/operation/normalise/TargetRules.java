package dev.errand.operation.normalise;

import dev.errand.operation.RequestHeaders;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What of a request is refused before it is given a meaning: its target's spelling, the headers that override method or
 * URL, and those that this API refuses. Immutable and thread-safe.
 */
public final class TargetRules {
    private static final Set<String> OVERRIDES = Set.of(
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
            "x-original-url",
            "x-original-uri",
            "x-rewrite-url",
            "x-override-url");

    private final Normalisation settings;
    private final Set<String> names;
    private final List<String> prefixes;

    /**
     * Rules of one API.
     *
     * @param settings the spelling
     * @param refusedHeaders names without regard to case, a trailing {@code *} standing for any ending
     */
    public TargetRules(Normalisation settings, List<String> refusedHeaders) {
        this.settings = settings;
        this.names = refusedHeaders.stream()
                .filter(name -> !name.endsWith("*"))
                .map(RequestHeaders::fold)
                .collect(Collectors.toUnmodifiableSet());
        this.prefixes = refusedHeaders.stream()
                .filter(name -> name.endsWith("*"))
                .map(name -> RequestHeaders.fold(name.substring(0, name.length() - 1)))
                .toList();
    }

    public Normalisation settings() {
        return settings;
    }

    /** Why the request is malformed as the client sent it, or empty. */
    public Optional<String> refuse(String rawTarget, RequestHeaders headers) {
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
        return refuse(headers);
    }

    private Optional<String> refuse(RequestHeaders headers) {
        for (String folded : headers.foldedNames()) {
            if (OVERRIDES.contains(folded)) {
                return Optional.of("the header " + folded + " overrides the method or the URL");
            }
            if (names.contains(folded)) {
                return Optional.of("the header " + folded + " is refused for this API");
            }
            for (String prefix : prefixes) {
                if (folded.startsWith(prefix)) {
                    return Optional.of("the header " + prefix + "* is refused for this API");
                }
            }
        }
        return Optional.empty();
    }
}

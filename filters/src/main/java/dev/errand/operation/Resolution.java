package dev.errand.operation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a request turned out to be. Only {@link Resolved} may pass. */
public sealed interface Resolution {
    /**
     * The request is these pairs, all of which must be granted.
     *
     * @param calls at least one
     * @param path the canonical raw path that will be sent
     * @param query the canonical raw query that will be sent, or null
     * @param searched whether the answer may hold the credential that the gateway sends, so that it is searched for
     *     this credential
     */
    record Resolved(
            List<OperationCall> calls,
            String path,
            @Nullable String query,
            boolean searched) implements Resolution {
        public Resolved {
            calls = List.copyOf(calls);
        }

        /** Pairs whose answer holds no credential of the gateway's. */
        public Resolved(List<OperationCall> calls, String path, @Nullable String query) {
            this(calls, path, query, false);
        }

        /** The same request, named by these. */
        public Resolved with(List<OperationCall> others) {
            return new Resolved(others, path, query, searched);
        }
    }

    /** No operation of the catalogue. */
    record Unknown(String why) implements Resolution {}

    /** Two or more operations match equally well. */
    record Ambiguous(List<String> candidates) implements Resolution {
        public Ambiguous {
            candidates = List.copyOf(candidates);
        }
    }

    /** The request is refused before it is given a meaning. */
    record Malformed(String why) implements Resolution {}
}

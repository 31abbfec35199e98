package dev.errand.operation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The result of resolving a request. Only {@link Resolved} may pass. */
public sealed interface Resolution {
    /**
     * The request means these pairs, and all of them must be granted.
     *
     * @param calls at least one
     * @param path the canonical raw path that will be sent
     * @param query the canonical raw query that will be sent, or null
     * @param searched whether the answer may hold the credential that the gateway sends, so that the answer is searched
     *     for it
     */
    record Resolved(
            List<OperationCall> calls,
            String path,
            @Nullable String query,
            boolean searched) implements Resolution {
        public Resolved {
            calls = List.copyOf(calls);
        }

        /** Pairs of a request whose answer cannot hold the gateway's credential. */
        public Resolved(List<OperationCall> calls, String path, @Nullable String query) {
            this(calls, path, query, false);
        }

        /** The same request with other pairs. */
        public Resolved with(List<OperationCall> others) {
            return new Resolved(others, path, query, searched);
        }
    }

    /** The request means no operation of the catalogue. */
    record Unknown(String why) implements Resolution {}

    /** Two or more operations match equally well. */
    record Ambiguous(List<String> candidates) implements Resolution {
        public Ambiguous {
            candidates = List.copyOf(candidates);
        }
    }

    /** The request is refused before it is resolved. */
    record Malformed(String why) implements Resolution {}
}

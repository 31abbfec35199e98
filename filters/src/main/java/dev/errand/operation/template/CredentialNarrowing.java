package dev.errand.operation.template;

import dev.errand.operation.Narrowing;
import dev.errand.operation.Operation;
import dev.errand.operation.WrittenGrant;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Answers of Vault that the build before passed on and this build withholds: those that show the gateway's own token,
 * and those that are too large to be searched for it. Thread-safe.
 */
public final class CredentialNarrowing implements Narrowing {
    /** Paths that answer with the token of the caller. */
    private static final Set<String> OWN_TOKEN = Set.of("auth/token/lookup-self", "auth/token/renew-self");

    /** Paths with answers of more than 256 KiB. */
    private static final Set<String> LARGE = Set.of(
            "sys/internal/specs/openapi", "sys/storage/raft/snapshot", "sys/monitor", "sys/metrics", "sys/pprof/");

    @Override
    public @Nullable String of(WrittenGrant grant) {
        Set<String> own = new TreeSet<>();
        Set<String> large = new TreeSet<>();
        for (Operation operation : grant.operations()) {
            for (String path : grant.catalogue().credentialPaths(operation.id())) {
                String whole = '/' + path;
                if (OWN_TOKEN.stream().anyMatch(token -> whole.endsWith('/' + token))) {
                    own.add(operation.id());
                } else if (LARGE.stream().anyMatch(answer -> whole.contains('/' + answer))) {
                    large.add(operation.id());
                }
            }
        }
        if (!own.isEmpty()) {
            return "since this build the answer of " + String.join(", ", own)
                    + " is withheld (502), as it holds the gateway's own token: remove the grant, and the operation from"
                    + " the catalogue";
        }
        return large.isEmpty()
                ? null
                : "since this build the answer of " + String.join(", ", large)
                        + " is withheld (502) where it is larger than 256 KiB, as it is searched for the gateway's own"
                        + " credential: write 'answer: large' on the operation if it holds none";
    }
}

package dev.errand.autoconfigure;

import dev.errand.credential.CredentialUnavailableException;
import dev.errand.credential.Lease;
import dev.errand.credential.Minter;
import dev.errand.credential.Minting;
import dev.errand.credential.TaskCredential;
import dev.errand.credential.TaskTokens;
import dev.errand.credential.UpstreamCredential;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyFileException;
import dev.errand.sequence.SequencePolicy;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskPolicy;
import dev.errand.token.Human;
import dev.errand.token.TokenId;
import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;

/**
 * Tries each entry for credentials of tasks: gets one credential for a task that does not exist, and gives it back if
 * its server takes it back. The human of that task is {@code <errand.issuer>#check}, and its agent is the gateway
 * itself. Blocks for fifteen seconds an entry at most, so never on an event loop.
 */
public final class CredentialTrial {
    private static final Duration LONGEST = Duration.ofSeconds(5);
    private static final Duration TASK = Duration.ofMinutes(5);
    private static final String ID = "t-check-of-credentials";
    private static final OutgoingRequest REQUEST =
            new OutgoingRequest("GET", URI.create("http://upstream.invalid/"), Map.of(), null);

    private CredentialTrial() {}

    /** The result for one entry. The text never holds the credential. */
    public record Tried(String upstream, boolean good, String text) {}

    /** Tries every entry of a configuration that has no fault. */
    public static List<Tried> run(Path directory, Map<String, Object> overrides) {
        ErrandProperties properties = ConfigurationCheck.properties(directory, overrides);
        Minting minting;
        try {
            CredentialKeys.Rotation keys = new CredentialKeys.Rotation(CredentialFaults.keys(properties));
            minting = new Minting(
                    new TaskTokens(properties.credentialsIssuer(), keys::signingKey, Clock.systemUTC()), null);
        } catch (KeyFileException e) {
            return List.of(new Tried("", false, String.valueOf(e.getMessage())));
        }
        List<Tried> tried = new ArrayList<>();
        new TreeMap<>(properties.upstreams()).forEach((name, entry) -> {
            UpstreamCredential credential = CredentialConfiguration.open(properties, name, entry, minting);
            if (credential.itself() instanceof TaskCredential perTask) {
                tried.add(attempt(name, perTask.minter(), task(properties)));
            }
        });
        return tried;
    }

    private static Tried attempt(String name, Minter minter, CallTask task) {
        String hash;
        Lease lease;
        try {
            minter.admit(task);
            lease = had(minter.tried(task));
            hash = lease.hash();
            had(minter.headers(lease, REQUEST));
        } catch (RuntimeException e) {
            return new Tried(name, false, minter.kind() + ": could not be obtained: " + why(e));
        }
        if (!minter.isTakenBack()) {
            return new Tried(name, true, minter.kind() + ": had " + hash + "; it ends by itself");
        }
        try {
            had(minter.giveBack(lease.sent()).thenReturn(true));
        } catch (RuntimeException e) {
            return new Tried(name, false, minter.kind() + ": had " + hash + "; could not be given back: " + why(e));
        }
        return new Tried(name, true, minter.kind() + ": had " + hash + " and gave it back");
    }

    private static <T> T had(Mono<T> asked) {
        return asked.timeout(LONGEST)
                .blockOptional()
                .orElseThrow(() -> new CredentialUnavailableException("no answer"));
    }

    private static String why(RuntimeException failure) {
        if (failure instanceof CredentialUnavailableException) {
            return String.valueOf(failure.getMessage());
        }
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return cause instanceof TimeoutException
                ? "no answer within " + LONGEST.toSeconds() + " s"
                : cause.getClass().getSimpleName();
    }

    private static CallTask task(ErrandProperties properties) {
        TaskPolicy policy = new TaskPolicy(
                "check",
                "",
                List.of(),
                Map.of(),
                null,
                SequencePolicy.ANY_ORDER,
                TaskPolicy.Reactions.NEVER_INTERRUPT,
                TaskPolicy.Cut.TASK,
                TaskPolicy.Flow.OFF,
                false);
        return new CallTask(
                new TaskKey(ID),
                new TokenId(ID),
                ID,
                "check",
                new Human(properties.issuer(), "check"),
                "spiffe://" + properties.domain() + "/errand",
                true,
                null,
                System.currentTimeMillis() + TASK.toMillis(),
                policy,
                Set.of(),
                List::of);
    }
}

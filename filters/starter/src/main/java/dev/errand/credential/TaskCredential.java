package dev.errand.credential;

import dev.errand.upstream.CallTask;
import dev.errand.upstream.OutgoingRequest;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** An entry under {@code errand.upstreams} that gives each task a credential of its own. Thread-safe. */
public final class TaskCredential implements UpstreamCredential {
    private final String upstream;
    private final Minter minter;
    private final CredentialLifetime when;
    private final @Nullable TaskCredentials credentials;

    /**
     * @param upstream the entry's name
     * @param when how long the credential of a task may exist
     */
    public TaskCredential(String upstream, Minter minter, CredentialLifetime when, Minting minting) {
        this.upstream = upstream;
        this.minter = minter;
        this.when = when;
        this.credentials = minting.credentials();
    }

    /** The entry's name. */
    public String upstream() {
        return upstream;
    }

    /** Obtains the credentials and gives them back. */
    public Minter minter() {
        return minter;
    }

    /** How long the credential of a task may exist. */
    CredentialLifetime when() {
        return when;
    }

    @Override
    public boolean isPerTask() {
        return true;
    }

    @Override
    public UpstreamCredential of(CallTask task) {
        minter.admit(task);
        if (credentials == null) {
            throw new IllegalStateException("this entry was only checked, so it sends no call");
        }
        return new CallCredential(this, credentials, credentials.enter(this, task));
    }

    void giveBack(LeaseSlot slot, Lease lease) {
        if (credentials != null) {
            credentials.giveBack(slot, lease);
        }
    }

    @Override
    public Set<String> headerNames() {
        return minter.headerNames();
    }

    @Override
    public Set<String> secretNames() {
        return minter.secretNames();
    }

    @Override
    public boolean readsFields() {
        return minter.readsFields();
    }

    @Override
    public boolean writesLines() {
        return minter.writesLines();
    }

    /** Always fails: without a task there is no credential. */
    @Override
    public Mono<Map<String, String>> headers(OutgoingRequest request) {
        return Mono.error(new CredentialUnavailableException("'" + upstream + "' has credentials of tasks only"));
    }

    @Override
    public Optional<String> fault() {
        return minter.fault();
    }

    @Override
    public String toString() {
        return minter.kind() + " of " + upstream;
    }
}

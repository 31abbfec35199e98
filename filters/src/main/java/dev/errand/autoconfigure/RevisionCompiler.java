package dev.errand.autoconfigure;

import dev.errand.autoconfigure.trust.TrustCompiler;
import dev.errand.policy.Policies;
import dev.errand.policy.Trust;
import dev.errand.upstream.credential.UpstreamCredential;
import dev.errand.upstream.credential.task.Minting;
import dev.errand.web.route.Revision;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a revision that can run of what the check found good. What did not change is taken over from the revision that
 * runs: its documents with their refresh, its credentials with their logins. One thread.
 */
final class RevisionCompiler implements AutoCloseable {
    private final TrustCompiler trust;
    private final Minting minting;
    private @Nullable Draft running;

    RevisionCompiler(TrustCompiler trust, Minting minting) {
        this.trust = trust;
        this.minting = minting;
    }

    /**
     * A revision that is not running yet: {@link #keep} it or {@link #drop} it.
     *
     * @param properties what it was made of
     */
    record Draft(Revision revision, ErrandProperties properties, Documents documents) {}

    /** The revision; a {@link dev.errand.config.ConfigurationException} says which part of it cannot be opened. */
    Draft compile(ErrandProperties properties, Policies policies) {
        Draft before = running;
        Documents documents = before == null ? new Documents() : new Documents(before.documents());
        try {
            // Opened alike if it is the same: then every document of the running revision is named again.
            Trust fresh = trust.compile(properties, documents);
            Trust kept = before != null && before.properties().trust().equals(properties.trust())
                    ? before.revision().trust()
                    : fresh;
            return new Draft(new Revision(policies, kept, credentials(properties, before)), properties, documents);
        } catch (RuntimeException e) {
            documents.closeNew();
            throw e;
        }
    }

    private Map<String, UpstreamCredential> credentials(ErrandProperties properties, @Nullable Draft before) {
        Map<String, UpstreamCredential> credentials = new HashMap<>();
        properties.upstreams().forEach((name, upstream) -> {
            UpstreamCredential known =
                    before == null ? null : before.revision().credentials().get(name);
            boolean same = before != null
                    && upstream.equals(before.properties().upstreams().get(name));
            credentials.put(
                    name,
                    known != null && same ? known : CredentialConfiguration.open(properties, name, upstream, minting));
        });
        return credentials;
    }

    /** The draft runs: what only the one before it used is closed. */
    void keep(Draft draft) {
        running = draft;
        draft.documents().closeEarlier();
    }

    /** The draft was refused: what only it used is closed. */
    void drop(Draft draft) {
        draft.documents().closeNew();
    }

    @Override
    public void close() {
        if (running != null) {
            running.documents().close();
        }
    }
}

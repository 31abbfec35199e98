package dev.errand.autoconfigure;

import dev.errand.credential.Minting;
import dev.errand.credential.UpstreamCredential;
import dev.errand.policy.Trust;
import dev.errand.template.Policies;
import dev.errand.upstream.Echo;
import dev.errand.web.Revision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Compiles a checked configuration into a revision that can run. Unchanged parts are taken over from the running
 * revision: documents keep their refresh, and credentials keep their logins. For one thread, except {@link #faults}.
 */
final class RevisionCompiler implements AutoCloseable {
    private final TrustCompiler trust;
    private final Minting minting;
    private volatile @Nullable Draft running;

    RevisionCompiler(TrustCompiler trust, Minting minting) {
        this.trust = trust;
        this.minting = minting;
    }

    /**
     * A revision that does not run yet. The caller must {@link #keep} it or {@link #drop} it.
     *
     * @param properties the properties that it was compiled from
     */
    record Draft(Revision revision, ErrandProperties properties, Documents documents) {}

    /** Compiles a revision. A {@link dev.errand.config.ConfigurationException} names the part that cannot be opened. */
    Draft compile(ErrandProperties properties, Policies policies, List<RouteDefinition> routes) {
        Draft before = running;
        Documents documents = before == null ? new Documents() : new Documents(before.documents());
        try {
            // Compiled even if trust did not change: it names every document that is still needed.
            Trust fresh = trust.compile(properties, documents);
            Trust kept = before != null && before.properties().trust().equals(properties.trust())
                    ? before.revision().trust()
                    : fresh;
            Map<String, Echo> echoes = new HashMap<>();
            properties.upstreams().forEach((name, upstream) -> echoes.put(name, upstream.echo()));
            Revision revision = new Revision(
                    policies, kept, credentials(properties, before), echoes, CredentialRoutes.catalogues(routes));
            return new Draft(revision, properties, documents);
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

    /** The draft runs now: closes what only the revision before it used. */
    void keep(Draft draft) {
        running = draft;
        draft.documents().closeEarlier();
    }

    /** Why documents and credential files of the running revision do not follow their last change. Thread-safe. */
    List<String> faults() {
        Draft now = running;
        if (now == null) {
            return List.of();
        }
        List<String> faults = new ArrayList<>(now.documents().faults());
        now.revision()
                .credentials()
                .values()
                .forEach(credential -> credential.fault().ifPresent(faults::add));
        return faults;
    }

    /** The properties of the running revision. */
    ErrandProperties properties() {
        return Objects.requireNonNull(running).properties();
    }

    /** The draft was refused: closes what only it used. */
    void drop(Draft draft) {
        draft.documents().closeNew();
    }

    @Override
    public void close() {
        Draft now = running;
        if (now != null) {
            now.documents().close();
        }
    }
}

package dev.errand.web;

import dev.errand.credential.UpstreamCredential;
import dev.errand.operation.RequestHeaders;
import dev.errand.policy.Trust;
import dev.errand.template.Policies;
import dev.errand.upstream.Echo;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.route.Route;

/**
 * Everything that one call is judged by: catalogues, templates, trust and upstream credentials. The routes that were
 * compiled with it carry it, so a call keeps it from the choice of its route to its end, even if another revision is taken
 * up in between. Immutable and thread-safe; compared by identity.
 */
public final class Revision {
    /** The key under which a route's metadata hold its revision. */
    public static final String METADATA = Revision.class.getName();

    private final Policies policies;
    private final Trust trust;
    private final Map<String, UpstreamCredential> credentials;
    private final Map<String, Set<String>> written;
    private final Map<String, Echo> echoes;
    private final Map<String, Set<String>> catalogues;

    /**
     * @param credentials the credentials that upstreams want, by the name under {@code errand.upstreams}
     * @param echoes what of their answers is searched for them, by the same names
     * @param catalogues the prefixes of the operations of their routes, by the same names
     */
    public Revision(
            Policies policies,
            Trust trust,
            Map<String, UpstreamCredential> credentials,
            Map<String, Echo> echoes,
            Map<String, Set<String>> catalogues) {
        this.policies = policies;
        this.trust = trust;
        this.credentials = Map.copyOf(credentials);
        this.echoes = Map.copyOf(echoes);
        this.catalogues = Map.copyOf(catalogues);
        this.written = this.credentials.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey,
                        entry -> entry.getValue().headerNames().stream()
                                .map(RequestHeaders::fold)
                                .collect(Collectors.toUnmodifiableSet())));
    }

    /** Catalogues and templates. */
    public Policies policies() {
        return policies;
    }

    /** The authorities whose tokens and identities are accepted. */
    public Trust trust() {
        return trust;
    }

    /** The credentials that upstreams want, by name. */
    public Map<String, UpstreamCredential> credentials() {
        return credentials;
    }

    /** The headers that the credential of that name writes, by canonical name: the client's own are removed. */
    public Set<String> writtenBy(String credential) {
        return written.getOrDefault(credential, Set.of());
    }

    /** What of the answers to that credential's calls is searched for it. */
    public Echo echo(String credential) {
        return echoes.getOrDefault(credential, Echo.SEARCH);
    }

    /** The prefixes of the operations of the routes with that credential. */
    public Set<String> catalogues(String credential) {
        return catalogues.getOrDefault(credential, Set.of());
    }

    /** The revision that the route was compiled with, or the running one for a route that came from elsewhere. */
    public static Revision of(Route route, RunningRevision running) {
        return route.getMetadata().get(METADATA) instanceof Revision own ? own : running.current();
    }

    @Override
    public String toString() {
        return policies.revision();
    }
}

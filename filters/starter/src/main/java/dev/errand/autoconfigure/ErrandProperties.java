package dev.errand.autoconfigure;

import dev.errand.credential.BearerConfig;
import dev.errand.credential.ClientCertificateConfig;
import dev.errand.credential.GitHubAppConfig;
import dev.errand.credential.HeaderConfig;
import dev.errand.credential.ImpersonateConfig;
import dev.errand.credential.SigV4Config;
import dev.errand.credential.StsConfig;
import dev.errand.credential.TaskJwtConfig;
import dev.errand.credential.TokenExchangeConfig;
import dev.errand.credential.VaultLoginConfig;
import dev.errand.upstream.Echo;
import dev.errand.web.BodyReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * Everything under {@code errand}. An unknown key is an error.
 *
 * @param directory the configuration directory; relative paths start there
 * @param issuer our own identifier: {@code iss} of roots, the audience of JWTs, and the authority that DPoP proofs name
 * @param trustDomain our own SPIFFE trust domain; it may be left out if there is exactly one workloads entry
 * @param keys a file with the private JWK Set; each key states its use
 * @param credentialKeys a file with the private JWK Set for the credentials of tasks; null if there are none
 * @param credentialIssuer the {@code iss} of those credentials; null for {@code <issuer>/credentials}
 * @param trust whom the gateway trusts
 * @param proof how proofs are checked
 * @param state where the shared state is
 * @param provenance where the log is
 * @param mode {@code enforce} or {@code observe}
 * @param upstreams the credentials that upstreams want, by name
 * @param operator the operator's credential, and the addresses of the operator port
 * @param operators further operators, by their names
 * @param events who gets events when tasks end, and when requests for approval change
 * @param bodies the bounds of bodies that are read for the decision
 * @param server the bounds of the connections of clients
 * @param drain how long a gateway that is stopping still serves calls, with readiness down; 0: not at all
 * @param approvals how humans approve calls
 * @param console the pages that people see
 * @param decisionService where other gateways ask for decisions
 * @param dev the extra parts of a first run on one machine
 */
@ConfigurationProperties(prefix = "errand", ignoreUnknownFields = false)
public record ErrandProperties(
        @DefaultValue("config") Path directory,
        String issuer,
        @Nullable String trustDomain,
        @DefaultValue("file:data/keys.jwks") String keys,
        @Nullable String credentialKeys,
        @Nullable String credentialIssuer,
        @DefaultValue Trust trust,
        @DefaultValue Proof proof,
        @DefaultValue State state,
        @DefaultValue Provenance provenance,
        @DefaultValue("enforce") Mode mode,
        @DefaultValue Map<String, Upstream> upstreams,
        @DefaultValue OperatorProperties operator,
        @DefaultValue List<OperatorProperties.Named> operators,
        @DefaultValue EventProperties events,
        @DefaultValue Bodies bodies,
        @DefaultValue ServerBoundsProperties server,
        @DefaultValue("5s") Duration drain,
        @DefaultValue ApprovalProperties approvals,
        @DefaultValue ConsoleProperties console,
        @DefaultValue DecisionServiceProperties decisionService,
        @DefaultValue Dev dev) {

    /** Whether limits, budgets, sequence, rules and flow are enforced or only observed. */
    public enum Mode {
        ENFORCE,
        OBSERVE
    }

    /**
     * Whom the gateway trusts.
     *
     * @param maxLifetime the longest {@code exp - iat} of a root, and the longest remaining lifetime of an SVID
     * @param clockSkew how far another clock may differ, for {@code exp}, {@code nbf} and {@code iat}
     */
    public record Trust(
            @DefaultValue List<HumanIssuer> humans,
            @DefaultValue List<Workloads> workloads,
            @DefaultValue List<Anchor> anchors,
            @DefaultValue("1h") Duration maxLifetime,
            @DefaultValue("5s") Duration clockSkew) {}

    /**
     * An identity provider of humans. It has exactly one of {@code jwks} and {@code discovery}.
     *
     * @param types the {@code typ} of the tokens that start tasks; {@code none} for tokens without one
     * @param maxAge the longest {@code exp - iat} of a token
     * @param clients the clients whose tokens start tasks, by {@code azp} or {@code client_id}; null for every client
     * @param subject the claim that names the human
     * @param events where the provider tells of its humans; null for nowhere
     */
    public record HumanIssuer(
            String issuer,
            @Nullable String jwks,
            @DefaultValue("false") boolean discovery,
            String audience,

            @DefaultValue({"RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519"})
            List<String> algorithms,

            @DefaultValue({"none", "JWT", "at+jwt"}) List<String> types,
            @DefaultValue("24h") Duration maxAge,
            @Nullable List<String> clients,
            @DefaultValue("sub") String subject,
            @Nullable Events events) {}

    /**
     * Security Event Tokens of an identity provider.
     *
     * @param receiver the path on the traffic port to which the provider sends them
     * @param audience a value that their {@code aud} must contain
     * @param ends by the name of an event: what it ends
     */
    public record Events(
            @Nullable String receiver,
            @Nullable String audience,
            @DefaultValue Map<String, List<String>> ends) {}

    /** The trust bundle of a SPIFFE trust domain: a file, an {@code https} endpoint, or {@code workload-api}. */
    public record Workloads(String trustDomain, String bundle) {}

    /**
     * Another signer of root tokens.
     *
     * @param templates the templates that cap its roots
     * @param humans the identity providers for whose humans it may speak; null: only itself
     * @param registerWithin how long after its {@code iat} a root may make its first call; null: as long as the root is valid
     */
    public record Anchor(
            String issuer,
            String jwks,
            @DefaultValue List<String> templates,
            @Nullable List<String> humans,
            @Nullable Duration registerWithin) {}

    /**
     * How old a proof may be, or how far in the future, and what it must have.
     *
     * @param nonce whether a DPoP proof needs a nonce
     * @param requireAudience whether an AAT proof needs an {@code aat_aud}
     */
    public record Proof(
            @DefaultValue("30s") Duration window,
            @DefaultValue("false") boolean nonce,
            @DefaultValue("false") boolean requireAudience) {}

    /**
     * Where the shared state is, and how it is written.
     *
     * @param redis {@code embedded}, {@code redis://}, {@code rediss://}, a list of cluster nodes, or {@code redis-sentinel://}
     * @param timeout how long a step may take
     * @param connectTimeout how long a connection to the store may take until it can be used: TCP, TLS, HELLO and AUTH together
     * @param waiting how long a start waits for a store that does not answer, with readiness down; 0: not at all
     * @param format the format in which a task's record is written; the only one so far is 1
     * @param authorities a {@code file:} of PEM: the authorities that sign the store's certificates; null for those that Java trusts
     * @param username a user of the store's ACL; null for its default user, or the one in the address
     * @param password a {@code file:} with the user's password; null for the one in the address, if it has one
     */
    public record State(
            @DefaultValue("embedded") List<String> redis,
            @DefaultValue("50ms") Duration timeout,
            @DefaultValue("5s") Duration connectTimeout,
            @Name("wait") @DefaultValue("60s") Duration waiting,
            @DefaultValue("1") int format,
            @Nullable String authorities,
            @Nullable String username,
            @Nullable String password) {
        public State {
            redis = SentinelList.whole(redis);
        }

        /** Whether this gateway has a store of its own, which no other replica shares. */
        public boolean isEmbedded() {
            return redis.equals(List.of("embedded"));
        }
    }

    /**
     * The provenance log. With {@code os} a record survives the end of the process, with {@code disk} also a power cut.
     * The sinks get copies.
     *
     * @param retain a segment is removed when its youngest record is older than this; null: never
     * @param archive the directory to which such segments are moved; null: they are deleted
     * @param compress whether closed segments are compressed
     * @param compressAfter how long a segment must have been closed before it is compressed
     * @param witnesses who cosigns checkpoints
     */
    public record Provenance(
            @DefaultValue("data/provenance") String directory,
            @DefaultValue("os") Durability durability,
            @DefaultValue List<SinkProperties> sinks,
            @Nullable Duration retain,
            @Nullable String archive,
            @DefaultValue("true") boolean compress,
            @DefaultValue("24h") Duration compressAfter,
            @DefaultValue WitnessProperties witnesses) {}

    /** When a record counts as written. */
    public enum Durability {
        OS,
        DISK
    }

    /**
     * The credential that one upstream needs, of at most one kind, and the authorities that sign the upstream's
     * certificate. Each component except {@code authorities} and {@code echo} is a kind of credential.
     *
     * @param authorities a {@code file:} of PEM; null for the authorities that Java trusts
     * @param echo what of the upstream's answers is searched for the credential
     */
    public record Upstream(
            @Nullable String authorities,
            @DefaultValue("search") Echo echo,
            @Nullable HeaderConfig header,
            @Nullable BearerConfig bearer,
            @Nullable VaultLoginConfig vaultLogin,
            @Nullable SigV4Config sigv4,
            @Nullable ClientCertificateConfig clientCertificate,
            @Nullable TaskJwtConfig taskJwt,
            @Nullable StsConfig sts,
            @Nullable ImpersonateConfig impersonate,
            @Nullable TokenExchangeConfig tokenExchange,
            @Nullable GitHubAppConfig githubApp) {}

    /** The audience of the tokens with which humans approve calls. */
    public String approvalsAudience() {
        return approvals.audience() == null ? issuer + "/approvals" : approvals.audience();
    }

    /** The small upstream that {@code errand run} serves in a first run, at an address on loopback. */
    public record Dev(@Nullable String upstream) {}

    /** The deadline for a body that is read for the decision, and how many such bodies may be awaited at once. */
    public record Bodies(
            @DefaultValue("10s") Duration deadline,
            @DefaultValue("64") int atOnce,
            @DefaultValue("8") int perTask,
            @DefaultValue("16") int perHuman) {
        /** The checked bounds; an {@link IllegalArgumentException} names the key and its range. */
        BodyReader.Bounds bounds() {
            return new BodyReader.Bounds(deadline, atOnce, perTask, perHuman);
        }
    }

    /** The file that a {@code file:} value names; a relative path starts at the configuration directory. */
    public Path file(String value) {
        String path = value.startsWith("file:") ? value.substring("file:".length()) : value;
        return directory.resolve(path).normalize();
    }

    /** These properties with keys, trust and credentials of newer ones: a running gateway changes nothing else. */
    ErrandProperties reloaded(ErrandProperties newer) {
        Trust believed = new Trust(
                newer.trust.humans(),
                newer.trust.workloads(),
                newer.trust.anchors(),
                trust.maxLifetime(),
                trust.clockSkew());
        return new ErrandProperties(
                directory,
                issuer,
                trustDomain,
                newer.keys,
                newer.credentialKeys,
                credentialIssuer,
                believed,
                proof,
                state,
                provenance,
                mode,
                newer.upstreams,
                operator,
                operators,
                events,
                bodies,
                server,
                drain,
                approvals,
                console,
                decisionService,
                dev);
    }

    /** The {@code iss} of credentials that live with tasks. */
    public String credentialsIssuer() {
        return credentialIssuer == null ? issuer + "/credentials" : credentialIssuer;
    }

    /** The trust domain: the configured one, else that of the only workloads entry. */
    public String domain() {
        if (trustDomain != null) {
            return trustDomain;
        }
        if (trust.workloads().size() == 1) {
            return trust.workloads().get(0).trustDomain();
        }
        throw new IllegalArgumentException("errand.trust-domain: name it, since there are "
                + trust.workloads().size() + " entries under errand.trust.workloads");
    }
}

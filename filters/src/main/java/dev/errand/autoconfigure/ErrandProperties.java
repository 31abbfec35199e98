package dev.errand.autoconfigure;

import dev.errand.autoconfigure.check.SentinelList;
import dev.errand.autoconfigure.operator.ApprovalProperties;
import dev.errand.autoconfigure.operator.ConsoleProperties;
import dev.errand.autoconfigure.operator.OperatorProperties;
import dev.errand.autoconfigure.sink.SinkProperties;
import dev.errand.config.ConfigurationException;
import dev.errand.upstream.credential.BearerConfig;
import dev.errand.upstream.credential.ClientCertificateConfig;
import dev.errand.upstream.credential.HeaderConfig;
import dev.errand.upstream.credential.SigV4Config;
import dev.errand.upstream.credential.kind.ImpersonateConfig;
import dev.errand.upstream.credential.kind.StsConfig;
import dev.errand.upstream.credential.kind.TaskJwtConfig;
import dev.errand.upstream.credential.kind.TokenExchangeConfig;
import dev.errand.upstream.credential.kind.VaultLoginConfig;
import dev.errand.web.body.BodyReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;

/**
 * Everything under {@code errand}. An unknown key is an error.
 *
 * @param directory the configuration directory; relative files are taken from it
 * @param issuer our own identifier: {@code iss} of roots, audience, and the authority that DPoP proofs name
 * @param trustDomain the SPIFFE trust domain we belong to; may be left out when there is one workloads entry
 * @param keys the private JWK Set, a file; each key says what it is for
 * @param credentialKeys the private JWK Set of the credentials that live with tasks, a file; null where there are none
 * @param credentialIssuer the {@code iss} of those credentials; null for {@code <issuer>/credentials}
 * @param trust whom we believe
 * @param proof how proofs are judged
 * @param state where the shared state is
 * @param provenance where the log is
 * @param mode {@code enforce} or {@code observe}
 * @param upstreams the credentials that upstreams want, by name
 * @param operator the operator's credential, and where others find this replica
 * @param operators further operators, by their names
 * @param events who is told of endings
 * @param bodies what bounds the bodies that are read to decide
 * @param server the bounds of the connections of clients
 * @param drain how long a gateway that is told to stop serves on, with readiness down; 0 for not at all
 * @param approvals how humans approve calls
 * @param console the pages that people see
 * @param dev what a first run on one machine has besides
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
        @DefaultValue Dev dev) {

    /** Whether limits, budgets, sequence, rules and flow are enforced or only observed. */
    public enum Mode {
        ENFORCE,
        OBSERVE
    }

    /**
     * Whom we believe.
     *
     * @param maxLifetime ceiling of a root's {@code exp - iat} and of an SVID's time left
     * @param clockSkew how far another clock may be off, applied alike to {@code exp}, {@code nbf} and {@code iat}
     */
    public record Trust(
            @DefaultValue List<HumanIssuer> humans,
            @DefaultValue List<Workloads> workloads,
            @DefaultValue List<Anchor> anchors,
            @DefaultValue("1h") Duration maxLifetime,
            @DefaultValue("5s") Duration clockSkew) {}

    /**
     * An identity provider of humans; exactly one of {@code jwks} and {@code discovery}.
     *
     * @param types the {@code typ} of the tokens that start tasks, {@code none} for a token without one
     * @param maxAge the longest {@code exp - iat} of a token
     * @param clients whose tokens start tasks, by {@code azp} or {@code client_id}; null for those of every client
     * @param subject the claim that names the human
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
            @DefaultValue("sub") String subject) {}

    /** The trust bundle of a SPIFFE trust domain: a file, an {@code https} endpoint, or {@code workload-api}. */
    public record Workloads(String trustDomain, String bundle) {}

    /**
     * Another signer of root tokens.
     *
     * @param templates what caps its roots
     * @param humans the identity providers whose humans it may speak for; null: itself alone
     * @param registerWithin how long after its {@code iat} a root may make its first call; null: until its end
     */
    public record Anchor(
            String issuer,
            String jwks,
            @DefaultValue List<String> templates,
            @Nullable List<String> humans,
            @Nullable Duration registerWithin) {}

    /** The accepted age of a proof, each side, and whether DPoP proofs need a nonce. */
    public record Proof(
            @DefaultValue("30s") Duration window,
            @DefaultValue("false") boolean nonce) {}

    /**
     * Where the shared state is, and how it is written.
     *
     * @param redis {@code embedded}, {@code redis://}, {@code rediss://}, a list of cluster nodes, or {@code redis-sentinel://}
     * @param timeout how long a step may take
     * @param waiting how long a store that is away at start is waited for, with readiness down; 0: not at all
     * @param format the format of what is written; an upgrade leaves it at the one before until all replicas are replaced
     * @param authorities a {@code file:} of PEM: who signs the store's certificates; null for those that Java trusts
     * @param username a user of the store's ACL; null for its default user, or the one in the address
     * @param password a {@code file:} with the user's password; null for the one in the address, if it has one
     * @param unsignedUntil until when values without a code are believed although there is a state key, as RFC 3339 has it
     */
    public record State(
            @DefaultValue("embedded") List<String> redis,
            @DefaultValue("50ms") Duration timeout,
            @Name("wait") @DefaultValue("60s") Duration waiting,
            @DefaultValue("5") int format,
            @Nullable String authorities,
            @Nullable String username,
            @Nullable String password,
            @Nullable String unsignedUntil) {
        public State {
            redis = SentinelList.whole(redis);
        }

        /** Whether this gateway has a store of its own, which no other replica shares. */
        public boolean isEmbedded() {
            return redis.equals(List.of("embedded"));
        }

        /** The time that {@code unsigned-until} names, or null. */
        public @Nullable Instant unsignedUntilTime() {
            if (unsignedUntil == null) {
                return null;
            }
            try {
                return OffsetDateTime.parse(unsignedUntil).toInstant();
            } catch (DateTimeParseException e) {
                throw ConfigurationException.of("'errand.state.unsigned-until' must be a time such as"
                        + " 2026-12-01T12:00:00Z, found '" + unsignedUntil + "'");
            }
        }
    }

    /**
     * {@code os}: survives the process; {@code disk}: survives the machine. The sinks get copies.
     *
     * @param retain how old the youngest record of a segment is before the segment is removed; null removes none
     * @param archive the directory to which what is removed moves; null removes it for good
     */
    public record Provenance(
            @DefaultValue("data/provenance") String directory,
            @DefaultValue("os") Durability durability,
            @DefaultValue List<SinkProperties> sinks,
            @Nullable Duration retain,
            @Nullable String archive) {}

    /** When a record counts as written. */
    public enum Durability {
        OS,
        DISK
    }

    /**
     * What one upstream wants to see, and whom the gateway believes to be it: at most one kind of credential. A further kind is one
     * more component.
     *
     * @param authorities a {@code file:} of PEM: who signs the upstream's certificate; null for those that Java trusts
     */
    public record Upstream(
            @Nullable String authorities,
            @Nullable HeaderConfig header,
            @Nullable BearerConfig bearer,
            @Nullable VaultLoginConfig vaultLogin,
            @Nullable SigV4Config sigv4,
            @Nullable ClientCertificateConfig clientCertificate,
            @Nullable TaskJwtConfig taskJwt,
            @Nullable StsConfig sts,
            @Nullable ImpersonateConfig impersonate,
            @Nullable TokenExchangeConfig tokenExchange) {}

    /** The audience of tokens by which humans approve calls. */
    public String approvalsAudience() {
        return approvals.audience() == null ? issuer + "/approvals" : approvals.audience();
    }

    /** What {@code errand run} serves itself in a first run: a small upstream, at an address on loopback. */
    public record Dev(@Nullable String upstream) {}

    /** Within what time a body that is read to decide must arrive, and how many are waited for at once, each at least 1. */
    public record Bodies(
            @DefaultValue("10s") Duration deadline,
            @DefaultValue("64") int atOnce,
            @DefaultValue("8") int perTask,
            @DefaultValue("16") int perHuman) {
        /** The same, checked; an {@link IllegalArgumentException} names the key and its range. */
        BodyReader.Bounds bounds() {
            return new BodyReader.Bounds(deadline, atOnce, perTask, perHuman);
        }
    }

    /** The file that a {@code file:} value names, taken from the configuration directory. */
    public Path file(String value) {
        String path = value.startsWith("file:") ? value.substring("file:".length()) : value;
        return directory.resolve(path).normalize();
    }

    /** These properties with what a running gateway takes up from newer ones: keys, trust and credentials. */
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
                dev);
    }

    /** The {@code iss} of credentials that live with tasks. */
    public String credentialsIssuer() {
        return credentialIssuer == null ? issuer + "/credentials" : credentialIssuer;
    }

    /** The trust domain: as configured, else that of the only workloads entry. */
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

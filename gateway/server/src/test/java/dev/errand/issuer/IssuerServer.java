package dev.errand.issuer;

import dev.errand.config.Faults;
import dev.errand.fleet.StartedTasks;
import dev.errand.jose.DpopNonces;
import dev.errand.jose.DpopVerifier;
import dev.errand.jose.JwsAlgorithm;
import dev.errand.jose.KeyRing;
import dev.errand.jose.TestKeys;
import dev.errand.jose.TestKeys.TestKey;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.GoverningPolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.state.InMemoryStandingErrands;
import dev.errand.state.InMemoryStartRequests;
import dev.errand.state.InMemoryStartStore;
import dev.errand.state.InMemoryTaskStore;
import dev.errand.state.IndexedTask;
import dev.errand.state.StandingErrands;
import dev.errand.state.StartRequestStore;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.task.TaskState;
import dev.errand.task.record.TaskGlance;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.template.TemplateParser;
import dev.errand.token.Anchor;
import dev.errand.token.Anchors;
import dev.errand.token.ChainVerifier;
import dev.errand.token.CountingSignatures;
import dev.errand.token.KeyThumbprint;
import dev.errand.token.KeyUse;
import dev.errand.token.Limits;
import dev.errand.trust.AwayDocument;
import dev.errand.trust.HumanIssuer;
import dev.errand.trust.HumanIssuers;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument;
import dev.errand.trust.SubjectRules;
import dev.errand.trust.SvidVerifier;
import dev.errand.trust.TrustBundle;
import dev.errand.trust.TrustBundles;
import dev.errand.web.BodyReader;
import dev.errand.web.refusal.StartRecords;
import dev.errand.web.refusal.TestStarts;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.springframework.http.server.reactive.ReactorHttpHandlerAdapter;
import org.springframework.web.reactive.function.server.RouterFunctions;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;

/** The issuer behind a real HTTP server, with keys made on the fly and its state in memory. */
final class IssuerServer implements AutoCloseable {
    /** What the fleet says to a task that begins. */
    StartedTasks.Entry entry = StartedTasks.Entry.ENTERED;

    private final StartedTasks fleet = new StartedTasks() {
        @Override
        public Mono<Entry> enter(IndexedTask task) {
            return Mono.just(entry);
        }

        @Override
        public Mono<Void> leave(IndexedTask task) {
            return Mono.empty();
        }
    };

    static final String ISSUER = "https://gateway.example.org";
    static final String IDP = "https://idp.example.org";
    static final String IDP_OF_CLIENTS = "https://clients.example.org";
    static final String IDP_AWAY = "https://away.example.org";
    static final String AGENT = "spiffe://example.org/agent/release-bot";
    static final TestKey IDP_KEY = TestKeys.of(JwsAlgorithm.ES256);
    static final TestKey SPIRE_KEY = TestKeys.of(JwsAlgorithm.ES256);
    static final TestKey OTHER_KEY = TestKeys.of(JwsAlgorithm.ES256);

    final KeyRing keys;
    final TaskStore tasks;
    final StartStore starts;
    /** Counts the signatures of chains. */
    final CountingSignatures signatures = new CountingSignatures();

    /** Whether the log can be written. */
    volatile boolean recording = true;

    /** Whether the log looks as if it could be written, and then takes nothing. */
    volatile boolean full;

    private final StartRecords startRecords;
    final StartRequestStore requests = new InMemoryStartRequests();
    final AskedTasks asked;
    final StandingEnds ends;
    final StandingUpkeep upkeep;
    /** The time of the store of standing errands. */
    volatile Duration later = Duration.ZERO;

    /** How far the clock of requests for tasks is ahead. */
    volatile Duration askedLater = Duration.ZERO;

    final StandingErrands errands = new InMemoryStandingErrands(() -> System.currentTimeMillis() + later.toMillis());
    /** What is known of a task; by default it runs, and has made no call. */
    volatile Function<String, Optional<TaskGlance>> glances =
            task -> Optional.of(new TaskGlance(TaskState.ACTIVE, null, 1, 0, 0, Long.MAX_VALUE, 0));
    /** The running templates by name. */
    final Map<String, Template> templates;

    final MeterRegistry meters = new SimpleMeterRegistry();
    final List<ProvenanceRecord> records = new CopyOnWriteArrayList<>();
    private final DisposableServer server;

    private Clock ahead(Clock clock) {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return clock.getZone();
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return clock.withZone(zone);
            }

            @Override
            public Instant instant() {
                return clock.instant().plus(askedLater);
            }
        };
    }

    IssuerServer(Path directory, boolean nonce, int requestsPerSecond, TaskStore tasks, StartStore starts)
            throws Exception {
        this(
                KeyRing.createIfAbsent(directory.resolve("keys-" + nonce + requestsPerSecond + ".jwks")),
                nonce,
                requestsPerSecond,
                tasks,
                starts);
    }

    IssuerServer(KeyRing keys, boolean nonce, int requestsPerSecond, TaskStore tasks, StartStore starts)
            throws Exception {
        this(keys, nonce, requestsPerSecond, tasks, starts, StartRequests.TEMPLATES);
    }

    IssuerServer(
            KeyRing keys,
            boolean nonce,
            int requestsPerSecond,
            TaskStore tasks,
            StartStore starts,
            List<String> running)
            throws Exception {
        Clock clock = Clock.systemUTC();
        this.keys = keys;
        this.tasks = tasks;
        this.starts = starts;
        IssuerSettings settings =
                new IssuerSettings(ISSUER, Duration.ofHours(1), requestsPerSecond, Duration.ofSeconds(5));
        LiveDocument<JwkSet> idpKeys =
                new Fixed<>(JwkSet.parse(utf8("{\"keys\":[" + IDP_KEY.jwk(",\"kid\":\"k1\"") + "]}")));
        HumanIssuers humans = new HumanIssuers(
                List.of(
                        issuer(IDP, idpKeys, Set.of()),
                        issuer(IDP_OF_CLIENTS, idpKeys, Set.of("errand-cli")),
                        issuer(IDP_AWAY, new AwayDocument<>(), Set.of())),
                Duration.ofSeconds(5));
        TrustBundle bundle = TrustBundle.parse(
                "example.org", utf8("{\"keys\":[" + SPIRE_KEY.jwk(",\"kid\":\"k1\",\"use\":\"jwt-svid\"") + "]}"));
        SvidVerifier svids = new SvidVerifier(
                new TrustBundles(Map.of(
                        "example.org", new Fixed<>(bundle), "away.example.org", new AwayDocument<TrustBundle>())),
                Duration.ofHours(1),
                Duration.ofSeconds(5));
        VerifiedIdentities identities = new VerifiedIdentities(() -> humans, () -> svids, clock);
        DpopNonces nonces = nonce ? DpopNonces.of(keys, Duration.ofMinutes(5)) : null;
        ProofCheck proofs =
                new ProofCheck(new DpopVerifier(Duration.ofSeconds(30), nonces), nonces, starts, settings, clock);
        ClientAuthentication clients = new ClientAuthentication(identities, settings);
        Map<String, Template> templates = new HashMap<>();
        for (String text : running) {
            Faults faults = new Faults();
            Template template = new TemplateParser()
                    .parse("t.yaml", text, null, faults)
                    .orElseThrow(() -> new AssertionError(faults.toString()));
            templates.put(template.name(), template);
        }
        Anchors anchors = () -> keys.verificationKeys(KeyUse.ISSUE).stream()
                .map(key -> new Anchor(ISSUER, null, key, true))
                .toList();
        PresentedChain chains =
                new PresentedChain(() -> new ChainVerifier(signatures, anchors, Set.of(ISSUER), Limits.DEFAULT), clock);
        StoredPolicies stored = new StoredPolicies(templates::values, starts, new TemplateParser(), false);
        GoverningPolicies governing = new GoverningPolicies(ISSUER, stored, starts);
        TaskLookup policies = chain -> governing.of(chain, new Policies("sha-256:test", Map.of(), templates), Map.of());
        ProvenanceLog log = new ProvenanceLog() {
            @Override
            public Mono<Void> append(ProvenanceRecord record) {
                return recording && !full
                        ? Mono.fromRunnable(() -> records.add(record))
                        : Mono.error(new ProvenanceLog.LogUnavailableException("full"));
            }

            @Override
            public boolean isWritable() {
                return recording;
            }
        };
        this.startRecords = TestStarts.of(log, meters);
        ClientRate rate = new ClientRate(settings);
        AgentRequests agents = new AgentRequests(clients, rate, proofs);
        this.templates = templates;
        StartPolicy policy =
                new StartPolicy(name -> Optional.ofNullable(templates.get(name)), stored::narrowed, settings);
        this.asked = new AskedTasks(
                requests, name -> Optional.ofNullable(templates.get(name)), policy, startRecords, ahead(clock));
        TaskStarter starter = new TaskStarter(
                starts, tasks, fleet, keys, settings, template -> template.policy(false), new SecureRandom(), clock);
        Repetition repetition = new Repetition(keys, settings, stored::template, clock);
        StandingSettling settling = new StandingSettling(errands, task -> Mono.fromSupplier(() -> glances.apply(task)));
        StandingRuns standing = new StandingRuns(
                errands,
                starts,
                asked,
                new StandingGrants(asked, policy),
                starter,
                repetition,
                name -> Optional.ofNullable(templates.get(name)),
                stored::template,
                settling,
                rate,
                startRecords);
        this.ends = new StandingEnds(errands, settling, tasks, starts, startRecords, log, TestStarts.metrics());
        this.upkeep = new StandingUpkeep(errands, settling, ends, meters);
        StartService start = new StartService(
                agents,
                identities,
                starts,
                name -> Optional.ofNullable(templates.get(name)),
                policy,
                starter,
                repetition,
                standing,
                startRecords,
                settings,
                asked,
                ahead(clock));
        DeviceAuthorization asking = new DeviceAuthorization(
                agents,
                asked,
                startRecords,
                name -> Optional.ofNullable(templates.get(name)),
                policy,
                ISSUER,
                new SecureRandom(),
                clock);
        var router = new IssuerRoutes(
                        settings,
                        start,
                        asking,
                        new RevokeService(
                                clients,
                                proofs,
                                chains,
                                policies,
                                tasks,
                                starts,
                                log,
                                startRecords,
                                TestStarts.metrics(),
                                ends,
                                asked),
                        new IntrospectService(clients, proofs, chains, policies, tasks),
                        new IssuerMetadata(settings, () -> Set.of("vault"), true),
                        new ProblemPages(),
                        keys,
                        BodyReader.Bounds.DEFAULT)
                .router();
        this.server = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .handle(new ReactorHttpHandlerAdapter(RouterFunctions.toHttpHandler(router)))
                .bindNow();
    }

    /** Records what was only counted, as every second does. */
    void flush() {
        TestStarts.flush(startRecords);
    }

    static IssuerServer start(Path directory) throws Exception {
        return new IssuerServer(directory, false, 10_000, new InMemoryTaskStore(), new InMemoryStartStore());
    }

    private static HumanIssuer issuer(String name, LiveDocument<JwkSet> keys, Set<String> clients) {
        return new HumanIssuer(
                name,
                keys,
                "errand",
                Set.of(JwsAlgorithm.ES256),
                new SubjectRules(Set.of("none", "JWT"), Duration.ofHours(24), clients, "sub"),
                null);
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.port() + path;
    }

    /** The thumbprint of a test key. */
    static KeyThumbprint thumbprint(TestKey key) {
        return key.parsed().thumbprint();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        upkeep.close();
        server.disposeNow();
    }

    /** A document that never changes. */
    private record Fixed<T>(T current) implements LiveDocument<T> {
        @Override
        public Mono<T> get() {
            return Mono.just(current);
        }

        @Override
        public Mono<T> refresh() {
            return Mono.just(current);
        }

        @Override
        public String fault() {
            return null;
        }

        @Override
        public void close() {}
    }
}

package dev.errand.operator;

import dev.errand.autoconfigure.ErrandProperties;
import dev.errand.autoconfigure.PortAddress;
import dev.errand.fleet.IndexWriter;
import dev.errand.fleet.LockedTasks;
import dev.errand.fleet.Locks;
import dev.errand.fleet.ReplicaTokens;
import dev.errand.fleet.Replicas;
import dev.errand.issuer.StandingEnds;
import dev.errand.issuer.approval.StandingApprovals;
import dev.errand.jose.SigningKeys;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.policy.LivePolicies;
import dev.errand.policy.StoredPolicies;
import dev.errand.server.ServerConnections;
import dev.errand.signin.DevSignIn;
import dev.errand.state.SessionStore;
import dev.errand.state.StartStore;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.IndexReader;
import dev.errand.state.redis.RedisTaskIndex;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.TaskMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.web.server.ConditionalOnManagementPort;
import org.springframework.boot.actuate.autoconfigure.web.server.ManagementPortType;
import org.springframework.boot.reactor.netty.NettyReactiveWebServerFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;
import org.springframework.web.server.WebFilter;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * Wires the pages that the management port serves in addition to the actuator. Only that port's context imports this
 * class, so the traffic port has none of its beans.
 */
@ConditionalOnManagementPort(ManagementPortType.DIFFERENT)
@Import({AliveMetric.class, OperatorChanges.class})
public class OperatorPort {
    @Bean
    WebFilter operatorGuard(
            OperatorCredentials operators,
            ErrandProperties properties,
            ReplicaTokens tokens,
            Replicas replicas,
            ReplicaAddress address,
            OperatorSessions sessions,
            ObjectProvider<DevSignIn> dev) {
        Set<String> names = new HashSet<>(Set.of("localhost"));
        String issuer = URI.create(properties.issuer()).getHost();
        if (issuer != null) {
            names.add(issuer.toLowerCase(Locale.ROOT));
        }
        try {
            names.add(InetAddress.getLocalHost().getHostName().toLowerCase(Locale.ROOT));
        } catch (UnknownHostException e) {
            // A machine without a host name is reached by its address.
        }
        Stream.of(properties.operator().advertise(), properties.operator().console())
                .filter(Objects::nonNull)
                .map(url -> URI.create(url).getHost())
                .filter(Objects::nonNull)
                .forEach(host -> names.add(host.toLowerCase(Locale.ROOT)));
        return new OperatorGuard(
                operators,
                names,
                token -> tokens.take(token, address.url(), replicas.instance()),
                sessions,
                dev.getIfAvailable() != null);
    }

    /** The sessions of operators who sign in with a browser. */
    @Bean(destroyMethod = "close")
    OperatorSessions operatorSessions(
            ErrandProperties properties,
            OperatorCredentials operators,
            SessionStore store,
            ReplicaAddress address,
            Clock clock) {
        String console = properties.operator().console();
        String bare = console == null ? null : console.replaceFirst("/$", "");
        return new OperatorSessions(properties, operators, store, () -> bare == null ? address.url() : bare, clock);
    }

    /** Trusts what the bundle of this port trusts; without a bundle, what Java trusts. */
    @Bean
    OtherReplicas otherReplicas(
            Replicas replicas,
            ReplicaTokens tokens,
            LoopResources operatorLoop,
            Environment environment,
            SslBundles bundles) {
        ReplicaClient client = new ReplicaClient(operatorLoop, tokens, replicas.instance());
        String bundle = PortAddress.operatorBundle(environment);
        if (bundle != null) {
            client.trust(bundles.getBundle(bundle));
            bundles.addBundleUpdateHandler(bundle, client::trust);
        }
        return new OtherReplicas(replicas, client);
    }

    /** Has a higher precedence than the routes of the traffic port, which this context inherits: both have {@code /approvals}. */
    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    RouterFunction<ServerResponse> operatorRoutes(
            ErrandProperties properties,
            LivePolicies live,
            SigningKeys keys,
            TaskStore tasks,
            StartStore starts,
            ProvenanceLog log,
            RedisTaskIndex index,
            IndexReader reader,
            IndexWriter writer,
            StandingApprovals approvals,
            TaskStanding standing,
            OtherReplicas others,
            FleetRoutes fleet,
            StandingEnds ends,
            OperatorChanges changes,
            OperatorCredentials operators,
            StoredPolicies policies,
            TaskMetrics metrics,
            CallMetrics calls,
            Scheduler operatorLookups) {
        Path directory = properties.file(properties.provenance().directory());
        TaskTrees trees = new TaskTrees(directory);
        DecisionPages decisions = new DecisionPages(directory, properties.directory(), live);
        FleetPages pages = new FleetPages(trees, decisions, reader, others, standing);
        return new OperatorRoutes(
                        new ConfigurationPage(
                                live,
                                properties.mode().name().toLowerCase(Locale.ROOT),
                                keys,
                                others.replicas().instance(),
                                writer,
                                operators),
                        approvals,
                        pages,
                        new TaskListing(reader),
                        new DecisionListing(directory, others, others.replicas().instance()),
                        new ActivityPage(calls.hour(), others),
                        fleet,
                        new StandingRoutes(ends, changes),
                        new Interruptions(
                                trees,
                                tasks,
                                starts,
                                log,
                                changes,
                                (task, by) -> index.endedBy(task, by)
                                        .onErrorComplete()
                                        .subscribe(),
                                metrics,
                                operatorLookups),
                        new KnownOutcomes(
                                tasks, starts, policies, live, isObserving(properties), changes, pages::record))
                .routes();
    }

    @Bean
    TaskStanding taskStanding(
            TaskStore tasks,
            StartStore starts,
            StoredPolicies policies,
            LivePolicies live,
            ErrandProperties properties,
            Scheduler operatorProofs) {
        return new TaskStanding(
                tasks,
                starts,
                policies,
                new BrokenProperties(properties.directory(), live, operatorProofs),
                isObserving(properties));
    }

    private static boolean isObserving(ErrandProperties properties) {
        return properties.mode() == ErrandProperties.Mode.OBSERVE;
    }

    @Bean
    FleetRoutes fleetRoutes(
            Locks locks,
            LockedTasks locked,
            IndexReader reader,
            Replicas replicas,
            OperatorChanges changes,
            StandingEnds ends,
            ErrandProperties properties) {
        ManyTasks many = new ManyTasks(locks, locked, reader, properties.trust().maxLifetime());
        return new FleetRoutes(many, locks, replicas, changes, ends);
    }

    /** One thread, so that many interruptions at once read a long log one after the other; at most 1,000 wait for it. */
    @Bean(destroyMethod = "dispose")
    Scheduler operatorLookups() {
        return Schedulers.newBoundedElastic(1, 1000, "errand-operator-lookup", 60, true);
    }

    /** One thread: a proof works for seconds, and interruptions do not wait for it. */
    @Bean(destroyMethod = "dispose")
    Scheduler operatorProofs() {
        return Schedulers.newBoundedElastic(1, 64, "errand-operator-proof", 60, true);
    }

    /** An event loop of the port's own, so that readiness is answered even if clients keep all other loops busy. */
    @Bean(destroyMethod = "dispose")
    LoopResources operatorLoop() {
        return LoopResources.create("errand-operator", 1, 1, true);
    }

    /** Leaves the port at HTTP/1.1: {@code server.http2} is meant for the traffic port only. */
    @Bean
    WebServerFactoryCustomizer<NettyReactiveWebServerFactory> operatorHttp(LoopResources operatorLoop) {
        return factory -> {
            factory.setHttp2(null);
            factory.addServerCustomizers(http -> http.runOn(operatorLoop));
        };
    }

    @Bean
    ServerConnections operatorConnections(ErrandProperties properties, MeterRegistry registry) {
        return ServerConnections.ofOperator(properties.server(), registry);
    }

    @Bean
    RouterFunction<ServerResponse> consoleRoutes(OperatorSessions sessions) {
        return Console.routes().and(new ConsoleSignIns(sessions).routes());
    }

    /** The provider of a first run. Without it the guard admits nobody to these paths. */
    @Bean
    RouterFunction<ServerResponse> devRoutes(ObjectProvider<DevSignIn> dev) {
        return RouterFunctions.route()
                .GET(
                        DevSignIn.AUTHORIZE,
                        request -> Mono.justOrEmpty(dev.getIfAvailable())
                                .flatMap(provider -> Mono.justOrEmpty(provider.authorize(request.queryParams())))
                                .flatMap(to -> ServerResponse.seeOther(to).build())
                                .switchIfEmpty(ServerResponse.badRequest().build()))
                .POST(
                        DevSignIn.TOKEN,
                        request -> request.formData()
                                .publishOn(Schedulers.boundedElastic())
                                .flatMap(form -> Mono.justOrEmpty(dev.getIfAvailable())
                                        .flatMap(provider -> Mono.justOrEmpty(provider.token(form))))
                                .flatMap(token -> Answers.json(
                                        HttpStatus.OK,
                                        new JsonObject(Map.of(
                                                "access_token", new JsonString(token),
                                                "token_type", new JsonString("Bearer"),
                                                "expires_in", JsonNumber.of(DevSignIn.LIFETIME_SECONDS)))))
                                .switchIfEmpty(Answers.json(
                                        HttpStatus.BAD_REQUEST,
                                        new JsonObject(Map.of("error", new JsonString("invalid_grant"))))))
                .build();
    }
}

package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import dev.errand.jose.KeyRotation;
import dev.errand.policy.LivePolicies;
import dev.errand.template.ConfigurationFiles;
import dev.errand.template.Policies;
import dev.errand.web.Revision;
import dev.errand.web.RunningRevision;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Takes up a changed configuration while calls are under way: compiles it beside the running revision, and then accepts
 * or refuses it as a whole. A separate thread looks at the time stamps of the files. It reads a change only if the
 * files did not change between two looks, so that several files written one after the other are one revision.
 * Thread-safe.
 */
final class ConfigurationReload implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigurationReload.class);

    private final ConfigurationFiles files;
    private final ConfigurationSource source;
    private final RevisionCompiler compiler;
    private final RouteCompiler routes;
    private final KeyRotation keys;
    private final CredentialKeys.Rotation credentialKeys;
    private final LivePolicies live;
    private final RunningRevision running;
    private final Counter taken;
    private final Counter refused;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "errand-reload");
        thread.setDaemon(true);
        return thread;
    });

    private final ConfigurationCheck.Checked first;
    private Set<Path> keyFiles;
    private String seen;
    private String read;
    private List<String> weights;

    /** The objects that reloads need. */
    record Parts(
            ConfigurationFiles files,
            ConfigurationSource source,
            RevisionCompiler compiler,
            RouteCompiler routes,
            KeyRotation keys,
            CredentialKeys.Rotation credentialKeys,
            LivePolicies live,
            RunningRevision running,
            MeterRegistry registry) {}

    /**
     * Compiles the routes of the first revision.
     *
     * @param stamp of the files, taken before they were read
     */
    ConfigurationReload(Parts parts, ConfigurationCheck.Checked first, String stamp) {
        this.files = parts.files();
        this.source = parts.source();
        this.compiler = parts.compiler();
        this.routes = parts.routes();
        this.keys = parts.keys();
        this.credentialKeys = parts.credentialKeys();
        this.live = parts.live();
        this.running = parts.running();
        this.taken = counter(parts.registry(), "taken");
        this.refused = counter(parts.registry(), "refused");
        this.first = first;
        this.keyFiles = keyFiles(first.errand());
        this.seen = stamp;
        this.read = stamp;
        this.weights = weights(first.routes());
        Revision revision = running.current();
        RouteCompiler.Result made = routes.compile(first.routes(), revision);
        if (!made.faults().isEmpty()) {
            throw new ConfigurationException(first.positions().locate(made.faults()));
        }
        running.replace(revision, made.routes());
    }

    private static Counter counter(MeterRegistry registry, String outcome) {
        return Counter.builder("errand.configuration.reloads")
                .description("Changed configurations that were read, by what became of them")
                .tag("outcome", outcome)
                .register(registry);
    }

    private static Path keyFile(ErrandProperties properties) {
        return properties.file(properties.keys());
    }

    /** The files of private keys. Changes of them are noticed like those of the configuration. */
    static Set<Path> keyFiles(ErrandProperties properties) {
        String credentials = properties.credentialKeys();
        return credentials == null
                ? Set.of(keyFile(properties))
                : Set.of(keyFile(properties), properties.file(credentials));
    }

    /** Looks at the files at this interval, until closed. */
    void start(Duration every) {
        thread.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Reads the configuration if it changed since it was read, and not since the last look. */
    synchronized void look() {
        String now = files.stamp(keyFiles);
        boolean settled = now.equals(seen);
        seen = now;
        if (settled && !now.equals(read)) {
            try {
                read = reload(now) ? now : read;
            } catch (RuntimeException e) {
                // A bug here must not end the watch. These files are not read again before one of them changes.
                read = now;
                LOG.error("the configuration could not be judged; the running revision stays", e);
                refused.increment();
                live.refuse(
                        files.revision(new Faults()),
                        List.of(
                                new Fault(
                                        SpringYaml.FILE,
                                        1,
                                        1,
                                        "the check failed before it came to an end; the gateway's log has the cause, and the running revision stays")));
            }
        }
    }

    /**
     * Takes up the configuration. Returns false if the files changed while they were read: the next look reads them
     * again.
     */
    private boolean reload(String stamp) {
        ConfigurationCheck.Checked next = source.read();
        if (!files.stamp(keyFiles).equals(stamp)) {
            return false;
        }
        List<Fault> faults = new ArrayList<>(next.result().faults());
        if (faults.isEmpty()) {
            take(next, faults);
        }
        if (!faults.isEmpty()) {
            refused.increment();
            live.refuse(revision(next), faults);
            faults.forEach(fault -> LOG.warn("configuration refused {}", fault));
        }
        return true;
    }

    private String revision(ConfigurationCheck.Checked next) {
        Policies policies = next.result().policies();
        return policies == null ? files.revision(new Faults()) : policies.revision();
    }

    private void take(ConfigurationCheck.Checked next, List<Fault> faults) {
        if (!weights.equals(weights(next.routes()))) {
            faults.add(
                    next.at(RoutePositions.ROUTES, "the shares of the Weight predicate are fixed at start: restart"));
            return;
        }
        ErrandProperties properties = first.errand().reloaded(next.errand());
        KeyRing ring = keys(next, properties, faults);
        CredentialKeys credentials = credentialKeys(next, properties, faults);
        RevisionCompiler.Draft draft = draft(next, properties, faults);
        if (ring == null || draft == null || !faults.isEmpty()) {
            if (draft != null) {
                compiler.drop(draft);
            }
            return;
        }
        RouteCompiler.Result made = routes.compile(next.routes(), draft.revision());
        if (!made.faults().isEmpty()) {
            compiler.drop(draft);
            faults.addAll(next.positions().locate(made.faults()));
            return;
        }
        rotate(ring);
        credentialKeys.swap(credentials);
        running.replace(draft.revision(), made.routes());
        compiler.keep(draft);
        keyFiles = keyFiles(properties);
        List<String> restart = next.restartNeeded(first);
        live.replace(draft.revision().policies(), restart);
        taken.increment();
        next.result().warnings().forEach(warning -> LOG.warn("configuration loaded with a warning: {}", warning));
        LOG.info("configuration taken up revision={}", draft.revision());
        restart.forEach(key -> LOG.warn("configuration key={} changed and needs a restart", key));
    }

    private RevisionCompiler.@Nullable Draft draft(
            ConfigurationCheck.Checked next, ErrandProperties properties, List<Fault> faults) {
        try {
            return compiler.compile(
                    properties, Objects.requireNonNull(next.result().policies()));
        } catch (ConfigurationException e) {
            e.lines().forEach(line -> faults.add(next.at("errand", line)));
        } catch (IllegalArgumentException e) {
            faults.add(next.at("errand", String.valueOf(e.getMessage())));
        }
        return null;
    }

    /**
     * The keys of the changed configuration. If the store is shared, the last key of use {@code state} stays until a
     * restart: without that key anybody who can write to the store could forge records and sessions while tasks run and
     * people are signed in.
     */
    private @Nullable KeyRing keys(ConfigurationCheck.Checked next, ErrandProperties properties, List<Fault> faults) {
        try {
            KeyRing ring = KeyRing.load(keyFile(properties));
            boolean shared = !properties.state().isEmbedded();
            if (shared
                    && ring.stateKeys().isEmpty()
                    && !keys.revision().stateKeys().isEmpty()) {
                faults.add(next.at(
                        "errand.keys",
                        keyFile(properties)
                                + " has no key of use 'state' any more: put one back, or end all tasks and restart"
                                + " the replicas without it"));
                return null;
            }
            return ring;
        } catch (KeyFileException e) {
            faults.add(next.at("errand.keys", String.valueOf(e.getMessage())));
            return null;
        }
    }

    private static @Nullable CredentialKeys credentialKeys(
            ConfigurationCheck.Checked next, ErrandProperties properties, List<Fault> faults) {
        try {
            return CredentialFaults.keys(properties);
        } catch (KeyFileException e) {
            faults.add(next.at("errand.credential-keys", String.valueOf(e.getMessage())));
            return null;
        }
    }

    private void rotate(KeyRing next) {
        KeyRing before = keys.revision();
        if (!next.isSameAs(before)) {
            keys.swap(next);
            KeyChanges.taken(before, next);
        }
    }

    private static List<String> weights(List<RouteDefinition> routes) {
        List<String> weights = new ArrayList<>();
        for (RouteDefinition route : routes) {
            for (PredicateDefinition predicate : route.getPredicates()) {
                if ("Weight".equals(predicate.getName())) {
                    weights.add(route.getId() + predicate.getArgs().values());
                }
            }
        }
        return weights;
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}

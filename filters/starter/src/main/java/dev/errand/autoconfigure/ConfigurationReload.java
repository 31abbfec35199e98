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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
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
 * or refuses it as a whole. Of a refused one it takes what is valid by itself: private keys, trust and credentials. A separate thread looks at the time stamps of the files. It reads a change only if the
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
    private Written written;

    /** The place of a fault at a key. */
    private interface Places {
        Fault at(String path, String message);
    }

    /** Of faults that the check has told already. */
    private static final Places TOLD = (path, message) -> new Fault(SpringYaml.FILE, 1, 1, message);

    /** What runs, as it was written: the routes, and the digests of the files that are in force. */
    private record Written(List<RouteDefinition> routes, String text, Map<String, String> files) {
        Written with(Map<String, String> newer) {
            return new Written(routes, text, newer);
        }
    }

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
        this.written = written(first);
        live.sources(compiler::faults);
        Revision revision = running.current();
        RouteCompiler.Result made = routes.compile(first.routes(), revision);
        if (!made.faults().isEmpty()) {
            throw new ConfigurationException(first.positions().locate(made.faults()));
        }
        running.replace(revision, made.routes());
    }

    private Written written(ConfigurationCheck.Checked taken) {
        return new Written(taken.routes(), taken.routes().toString(), files.contents(keyFiles));
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
                                        "the check failed before it came to an end; the gateway's log has the cause, and the running revision stays")),
                        changed(files.contents(keyFiles)));
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
            takeApart(next, faults);
            List<String> notInForce = changed(files.contents(keyFiles));
            live.refuse(revision(next), faults, notInForce);
            faults.forEach(fault -> LOG.warn("configuration refused {}", fault));
            notInForce.forEach(file -> LOG.warn("configuration file={} changed, and the change is not in force", file));
        }
        return true;
    }

    /** The files whose content is not the one in force. */
    private List<String> changed(Map<String, String> now) {
        Set<String> names = new TreeSet<>(now.keySet());
        names.addAll(written.files().keySet());
        names.removeIf(name -> Objects.equals(now.get(name), written.files().get(name)));
        return List.copyOf(names);
    }

    /**
     * Takes what is valid by itself out of a configuration that was refused, so that a faulty template does not hold
     * back the removal of a leaked key: the private keys, and trust and credentials if {@code application.yaml} has no
     * fault. Their routes, catalogues and templates stay as they run.
     */
    private void takeApart(ConfigurationCheck.Checked next, List<Fault> faults) {
        boolean sound = next.properties() != null
                && faults.stream().noneMatch(fault -> fault.file().equals(SpringYaml.FILE));
        ErrandProperties properties = sound ? first.errand().reloaded(next.errand()) : compiler.properties();
        Map<String, String> now = files.contents(keyFiles(properties));
        Map<String, String> inForce = new HashMap<>(written.files());
        List<Fault> told = new ArrayList<>();
        Places places = next.properties() == null ? TOLD : next::at;
        KeyRing ring = keys(places, properties, told);
        CredentialKeys credentials = credentialKeys(places, properties, told);
        told.stream().filter(fault -> !faults.contains(fault)).forEach(faults::add);
        if (ring != null && told.isEmpty()) {
            rotate(ring);
            credentialKeys.swap(credentials);
            keyFiles = keyFiles(properties);
            keyFiles.forEach(file -> take(files.name(file), now, inForce));
        }
        if (sound && takeTrust(properties) && next.routes().toString().equals(written.text())) {
            take(SpringYaml.FILE, now, inForce);
        }
        written = written.with(inForce);
    }

    private static void take(String name, Map<String, String> now, Map<String, String> inForce) {
        String content = now.get(name);
        if (content == null) {
            inForce.remove(name);
        } else {
            inForce.put(name, content);
        }
    }

    /** Takes trust and credentials with the policies and the routes that run; false if these do not fit. */
    private boolean takeTrust(ErrandProperties properties) {
        RevisionCompiler.Draft draft = draft(TOLD, properties, live.current(), written.routes(), new ArrayList<>());
        if (draft == null) {
            return false;
        }
        RouteCompiler.Result made = routes.compile(written.routes(), draft.revision());
        if (!made.faults().isEmpty()) {
            compiler.drop(draft);
            return false;
        }
        running.replace(draft.revision(), made.routes());
        compiler.keep(draft);
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
        String text = next.routes().toString();
        KeyRing ring = keys(next::at, properties, faults);
        CredentialKeys credentials = credentialKeys(next::at, properties, faults);
        Policies policies = Objects.requireNonNull(next.result().policies());
        RevisionCompiler.Draft draft = draft(next::at, properties, policies, next.routes(), faults);
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
        written = new Written(next.routes(), text, files.contents(keyFiles));
        List<String> restart = next.restartNeeded(first);
        live.replace(draft.revision().policies(), restart);
        taken.increment();
        next.result().warnings().forEach(warning -> LOG.warn("configuration loaded with a warning: {}", warning));
        LOG.info("configuration taken up revision={}", draft.revision());
        restart.forEach(key -> LOG.warn("configuration key={} changed and needs a restart", key));
    }

    private RevisionCompiler.@Nullable Draft draft(
            Places places,
            ErrandProperties properties,
            Policies policies,
            List<RouteDefinition> routes,
            List<Fault> faults) {
        try {
            return compiler.compile(properties, policies, routes);
        } catch (ConfigurationException e) {
            e.lines().forEach(line -> faults.add(places.at("errand", line)));
        } catch (IllegalArgumentException e) {
            faults.add(places.at("errand", String.valueOf(e.getMessage())));
        }
        return null;
    }

    /**
     * The keys of the changed configuration. If the store is shared, the last key of use {@code state} stays until a
     * restart: without that key anybody who can write to the store could forge records and sessions while tasks run and
     * people are signed in.
     */
    private @Nullable KeyRing keys(Places places, ErrandProperties properties, List<Fault> faults) {
        try {
            KeyRing ring = KeyRing.load(keyFile(properties));
            boolean shared = !properties.state().isEmbedded();
            if (shared
                    && ring.stateKeys().isEmpty()
                    && !keys.revision().stateKeys().isEmpty()) {
                faults.add(places.at(
                        "errand.keys",
                        keyFile(properties)
                                + " has no key of use 'state' any more: put one back, or end all tasks and restart"
                                + " the replicas without it"));
                return null;
            }
            return ring;
        } catch (KeyFileException e) {
            faults.add(places.at("errand.keys", String.valueOf(e.getMessage())));
            return null;
        }
    }

    private static @Nullable CredentialKeys credentialKeys(
            Places places, ErrandProperties properties, List<Fault> faults) {
        try {
            return CredentialFaults.keys(properties);
        } catch (KeyFileException e) {
            faults.add(places.at("errand.credential-keys", String.valueOf(e.getMessage())));
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

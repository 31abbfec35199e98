package dev.errand.autoconfigure;

import dev.errand.autoconfigure.check.PropertyKeys;
import dev.errand.autoconfigure.check.RoutePositions;
import dev.errand.autoconfigure.check.RouteRules;
import dev.errand.autoconfigure.check.RouteWords;
import dev.errand.autoconfigure.check.SpringYaml;
import dev.errand.config.ConfigurationException;
import dev.errand.config.DidYouMean;
import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.identity.SpiffeId;
import dev.errand.jose.JwkSet;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import dev.errand.jose.source.LiveDocument;
import dev.errand.policy.Policies;
import dev.errand.policy.PolicyFiles;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.task.template.SequencePlans;
import dev.errand.task.template.TemplateParser;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Reads a whole configuration directory and finds every fault, without binding a port, asking Redis or opening the log.
 * Used alike by {@code check}, at start and at reload. Reads files, so never on an event loop; one thread.
 */
public final class ConfigurationCheck {
    static final String RESPONSE_TIMEOUT = "spring.cloud.gateway.server.webflux.httpclient.response-timeout";
    private static final Pattern LOCATED = Pattern.compile("(.*?):(\\d+):(\\d+): (.*)", Pattern.DOTALL);

    private final Path directory;
    private final Faults faults = new Faults();
    private final SpringYaml yaml;
    private final ApplicationSettings settings;

    private ConfigurationCheck(Path directory, SpringYaml yaml, ApplicationSettings settings) {
        this.directory = directory.toAbsolutePath().normalize();
        this.yaml = yaml;
        this.settings = settings;
    }

    /**
     * What was found.
     *
     * @param faults every fault; with any, the rest is not to be used
     * @param routes the routes' ids in their order
     * @param policies catalogues and templates; null if they could not be looked at
     */
    public record Result(
            List<Fault> faults,
            List<String> routes,
            @Nullable Policies policies) {
        public Result {
            faults = List.copyOf(faults);
            routes = List.copyOf(routes);
        }
    }

    /**
     * What a configuration holds, for those that run it.
     *
     * @param settings null where no file of the directory was read
     * @param yaml the same
     * @param properties null after a fault
     * @param routes each with its default filters; none after a fault
     */
    record Checked(
            Result result,
            @Nullable ApplicationSettings settings,
            @Nullable SpringYaml yaml,
            @Nullable ErrandProperties properties,
            List<RouteDefinition> routes) {
        /** What {@code errand} holds in a configuration without a fault. */
        ErrandProperties errand() {
            return Objects.requireNonNull(properties);
        }

        RoutePositions positions() {
            return new RoutePositions(yaml);
        }

        /** A fault at a key, unless the message begins with a place of its own. */
        Fault at(String path, String message) {
            Path directory = errand().directory().toAbsolutePath().normalize();
            return located(yaml, path, relative(directory, message));
        }

        /** The keys that differ from those of the configuration the gateway was started on, and cannot be reloaded. */
        List<String> restartNeeded(Checked start) {
            return settings == null || start.settings == null ? List.of() : settings.restartNeeded(start.settings);
        }
    }

    /**
     * Checks a configuration directory.
     *
     * @param overrides properties of the command line, by name
     */
    public static Result check(Path directory, Map<String, Object> overrides) {
        return read(directory, overrides).result();
    }

    static Checked read(Path directory, Map<String, Object> overrides) {
        Faults unread = new Faults();
        SpringYaml yaml = SpringYaml.read(directory, unread);
        if (yaml == null) {
            return new Checked(new Result(unread.list(), List.of(), null), null, null, null, List.of());
        }
        ApplicationSettings settings = new ApplicationSettings(directory, overrides);
        return new ConfigurationCheck(directory, yaml, settings).run();
    }

    private Checked run() {
        SpringYaml.Entry errand = yaml.find("errand");
        if (errand != null) {
            new PropertyKeys(faults, settings::has).check("errand", errand, ErrandProperties.class);
        } else if (!settings.has("errand.issuer")) {
            faults.add(yaml.at("errand"), "missing key 'errand': it holds at least issuer and trust");
        }
        SpringYaml.Entry former = yaml.find("spring.cloud.gateway.routes");
        if (former != null) {
            faults.add(former.at(), "routes stand under " + RoutePositions.ROUTES);
        }
        RoutePositions positions = new RoutePositions(yaml);
        positions.unknownWords(RouteWords.filters(), RouteWords.predicates(), faults);
        ErrandProperties properties = faults.isEmpty() ? bind("errand", settings::errand) : null;
        List<RouteDefinition> bound = faults.isEmpty() ? bind(RoutePositions.ROUTES, settings::routes) : null;
        List<RouteDefinition> routes = bound == null ? List.of() : bound;
        Policies policies = policies(routes);
        if (properties != null) {
            files(properties);
            ports(properties);
            caps(properties, policies);
            positions.locate(rules(properties, routes, policies)).forEach(faults::add);
        }
        List<String> ids = routes.stream().map(RouteDefinition::getId).toList();
        return new Checked(new Result(faults.list(), ids, policies), settings, yaml, properties, routes);
    }

    private Policies policies(List<RouteDefinition> routes) {
        Duration timeout = typed(RESPONSE_TIMEOUT, Duration.class, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT);
        TemplateParser parser = new TemplateParser(new SequencePlans(timeout));
        Faults found = new Faults();
        Policies policies = new PolicyFiles(directory, RouteRules.prefixes(routes), parser).load(found);
        faults.addAll(found);
        return policies;
    }

    private List<RouteRules.RouteFault> rules(
            ErrandProperties properties, List<RouteDefinition> routes, Policies policies) {
        String address = settings.get("management.server.address");
        Set<Integer> own = Set.of(typed("management.server.port", Integer.class, -2));
        return new RouteRules(
                        policies.catalogues().keySet(),
                        properties.upstreams().keySet(),
                        own,
                        address == null ? "" : address)
                .check(routes);
    }

    private void files(ErrandProperties properties) {
        at("errand.issuer", () -> issuer(properties.issuer()));
        at("errand.trust-domain", properties::domain);
        at("errand.keys", () -> keys(properties));
        ErrandProperties.Trust trust = properties.trust();
        for (int i = 0; i < trust.humans().size(); i++) {
            ErrandProperties.HumanIssuer human = trust.humans().get(i);
            at("errand.trust.humans[" + i + "]", () -> human(properties, human));
        }
        for (int i = 0; i < trust.workloads().size(); i++) {
            ErrandProperties.Workloads workloads = trust.workloads().get(i);
            at("errand.trust.workloads[" + i + "]", () -> {
                String domain = workloads.trustDomain();
                if (SpiffeId.parse("spiffe://" + domain)
                        .filter(id -> id.path().isEmpty())
                        .isEmpty()) {
                    throw ConfigurationException.of("'" + domain + "' is not the name of a trust domain");
                }
                if (!workloads.bundle().equals("workload-api")) {
                    KeyDocuments.bundle(properties, workloads).close();
                }
            });
        }
        for (int i = 0; i < trust.anchors().size(); i++) {
            ErrandProperties.Anchor anchor = trust.anchors().get(i);
            at("errand.trust.anchors[" + i + "]", () -> anchor(properties, anchor));
        }
        twice("errand.trust.humans", trust.humans().stream().map(ErrandProperties.HumanIssuer::issuer));
        twice("errand.trust.workloads", trust.workloads().stream().map(ErrandProperties.Workloads::trustDomain));
        twice("errand.trust.anchors", trust.anchors().stream().map(ErrandProperties.Anchor::issuer));
        if (!properties.state().redis().equals(List.of("embedded"))) {
            at("errand.state.redis", () -> StateConfiguration.address(properties));
        }
        sinks(properties);
        properties
                .upstreams()
                .forEach((name, upstream) -> at(
                        "errand.upstreams." + name, () -> CredentialConfiguration.check(properties, name, upstream)));
    }

    private void sinks(ErrandProperties properties) {
        SinkFactory factory = new SinkFactory(properties);
        List<SinkProperties> sinks = properties.provenance().sinks();
        for (int i = 0; i < sinks.size(); i++) {
            SinkProperties sink = sinks.get(i);
            at("errand.provenance.sinks[" + i + "]", () -> factory.sink(sink).close());
        }
        List<EventProperties.Receiver> receivers = properties.events().receivers();
        for (int i = 0; i < receivers.size(); i++) {
            EventProperties.Receiver receiver = receivers.get(i);
            at("errand.events.receivers[" + i + "]", () -> factory.receiver(receiver));
        }
        if (faults.isEmpty()) {
            at(
                    "errand.provenance.sinks",
                    () -> SinkFactory.distinct(
                            sinks.stream().map(SinkFactory::name).toList()));
            at(
                    "errand.events.receivers",
                    () -> SinkFactory.distinct(
                            receivers.stream().map(SinkFactory::name).toList()));
        }
    }

    private static void human(ErrandProperties properties, ErrandProperties.HumanIssuer human) {
        TrustCompiler.check(human);
        LiveDocument<JwkSet> keys = human.jwks() == null
                ? KeyDocuments.discovered(human.issuer())
                : KeyDocuments.jwks(properties, "errand.trust.humans", human.jwks());
        keys.close();
    }

    /** A cap that names no template would refuse every root of its anchor. */
    private void caps(ErrandProperties properties, Policies policies) {
        Set<String> known = policies.templates().keySet();
        for (int i = 0; i < properties.trust().anchors().size(); i++) {
            for (String name : properties.trust().anchors().get(i).templates()) {
                if (!known.contains(name)) {
                    faults.add(
                            yaml.at("errand.trust.anchors[" + i + "].templates"),
                            "there is no template '" + name + "' in tasks/" + DidYouMean.hint(name, known));
                }
            }
        }
    }

    private static void anchor(ErrandProperties properties, ErrandProperties.Anchor anchor) {
        if (anchor.issuer().equals(properties.issuer())) {
            throw ConfigurationException.of(
                    "'" + anchor.issuer() + "' is errand.issuer: our own roots are trusted by errand.keys; remove it");
        }
        KeyDocuments.jwks(properties, "errand.trust.anchors", anchor.jwks()).close();
    }

    /** An entry whose name an earlier one has: only one of them could count. */
    private void twice(String path, Stream<String> names) {
        List<String> list = names.toList();
        for (int i = 0; i < list.size(); i++) {
            if (list.indexOf(list.get(i)) < i) {
                faults.add(yaml.at(path + "[" + i + "]"), "'" + list.get(i) + "' has an entry already: remove one");
            }
        }
    }

    private static void issuer(String issuer) {
        URI uri = URI.create(issuer);
        boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
        if (!web || uri.getAuthority() == null || uri.getQuery() != null || issuer.endsWith("/")) {
            throw ConfigurationException.of("'" + issuer
                    + "' is no identifier: write https://host[:port][/path], without a query or a slash at its end");
        }
    }

    private static void keys(ErrandProperties properties) {
        Path file = properties.file(properties.keys());
        boolean alone = properties.state().redis().equals(List.of("embedded"));
        if (alone && !Files.exists(file)) {
            return;
        }
        try {
            KeyRing.load(file);
        } catch (KeyFileException e) {
            throw ConfigurationException.of(String.valueOf(e.getMessage()));
        }
    }

    /** Beyond this machine the operator's credential is not made by itself: who starts first would not know of it. */
    private void ports(ErrandProperties properties) {
        int port = typed("management.server.port", Integer.class, 0);
        if (port != 0 && port == typed("server.port", Integer.class, 8080)) {
            faults.add(
                    yaml.at("management.server.port"),
                    "the operator port is the traffic port: give management.server.port another");
        }
        String address = settings.get("management.server.address");
        Path token = properties.file(properties.operator().token());
        if (!OperatorAddress.isLoopback(address) && !Files.exists(token)) {
            faults.add(
                    yaml.at("management.server.address"),
                    OperatorAddress.needsToken(String.valueOf(address), relative(token.toString())));
        }
    }

    private <T> T typed(String key, Class<T> type, T fallback) {
        T value = bind(key, () -> settings.get(key, type, fallback));
        return value == null ? fallback : value;
    }

    private <T> @Nullable T bind(String path, java.util.function.Supplier<T> binding) {
        try {
            return binding.get();
        } catch (BindException e) {
            Throwable cause = e;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            Origin origin = e.getProperty() == null ? null : e.getProperty().getOrigin();
            Position at = origin instanceof TextResourceOrigin text && text.getLocation() != null
                    ? new Position(
                            SpringYaml.FILE,
                            text.getLocation().getLine() + 1,
                            text.getLocation().getColumn() + 1)
                    : yaml.at(path);
            faults.add(at, "'" + e.getName() + "' cannot be read: " + cause.getMessage());
            return null;
        }
    }

    private void at(String path, Runnable check) {
        try {
            check.run();
        } catch (ConfigurationException e) {
            e.lines().forEach(line -> faults.add(located(path, line)));
        } catch (IllegalArgumentException e) {
            faults.add(located(path, String.valueOf(e.getMessage())));
        }
    }

    private Fault located(String path, String line) {
        return located(yaml, path, relative(line));
    }

    /** A message that begins with a place of its own keeps it; any other is at the key. */
    private static Fault located(@Nullable SpringYaml yaml, String path, String message) {
        Matcher own = LOCATED.matcher(message);
        if (own.matches() && !own.group(1).contains(" ")) {
            return new Fault(
                    own.group(1), Integer.parseInt(own.group(2)), Integer.parseInt(own.group(3)), own.group(4));
        }
        return Fault.of(yaml == null ? new Position(SpringYaml.FILE, 1, 1) : yaml.at(path), message);
    }

    private String relative(String text) {
        return relative(directory, text);
    }

    /** Without the directory's own path, and without the key that the place already names. */
    private static String relative(Path directory, String text) {
        return text.replace(directory + "/", "").replaceFirst("^errand\\.[a-z.-]+: ", "");
    }
}

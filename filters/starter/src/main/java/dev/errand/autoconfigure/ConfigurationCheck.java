package dev.errand.autoconfigure;

import dev.errand.config.Fault;
import dev.errand.config.Faults;
import dev.errand.sequence.SequenceCompiler;
import dev.errand.template.CatalogueLoader;
import dev.errand.template.Policies;
import dev.errand.template.PolicyFiles;
import dev.errand.template.SequencePlans;
import dev.errand.template.TemplateParser;
import dev.errand.web.UpstreamTimeouts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Reads a whole configuration directory and finds every fault and warning, without binding a port, asking Redis or opening the
 * log. Used by {@code check}, at start and at reload. Reads files, so never on an event loop. For one thread.
 */
public final class ConfigurationCheck {
    static final String RESPONSE_TIMEOUT = "spring.cloud.gateway.server.webflux.httpclient.response-timeout";

    private final Path directory;
    private final Faults faults = new Faults();
    private final SpringYaml yaml;
    private final FaultPlaces places;
    private final ApplicationSettings settings;
    private final UnaryOperator<Policies> change;

    private ConfigurationCheck(
            Path directory, SpringYaml yaml, ApplicationSettings settings, UnaryOperator<Policies> change) {
        this.change = change;
        this.directory = directory.toAbsolutePath().normalize();
        this.yaml = yaml;
        this.places = new FaultPlaces(this.directory, yaml, faults);
        this.settings = settings;
    }

    /**
     * The findings.
     *
     * @param faults every fault; with any, routes and policies must not be used
     * @param warnings findings that refuse nothing and that the operator should look at
     * @param routes the ids of the routes, in their order
     * @param policies catalogues and templates; null if they could not be read
     */
    public record Result(
            List<Fault> faults,
            List<Fault> warnings,
            List<String> routes,
            @Nullable Policies policies) {
        public Result {
            faults = List.copyOf(faults);
            warnings = List.copyOf(warnings);
            routes = List.copyOf(routes);
        }
    }

    /**
     * The parts of a configuration, for those that run it.
     *
     * @param settings null if no file of the directory was read
     * @param yaml null if {@code settings} is
     * @param properties null if they cannot be read; after a fault without the values that have one
     * @param routes each with its default filters; empty after a fault
     */
    record Checked(
            Result result,
            @Nullable ApplicationSettings settings,
            @Nullable SpringYaml yaml,
            @Nullable ErrandProperties properties,
            List<RouteDefinition> routes) {
        /** The values under {@code errand}, of a configuration without a fault. */
        ErrandProperties errand() {
            return Objects.requireNonNull(properties);
        }

        RoutePositions positions() {
            return new RoutePositions(yaml);
        }

        /** A fault at a key, unless the message begins with a place of its own. */
        Fault at(String path, String message) {
            Path directory = errand().directory().toAbsolutePath().normalize();
            return FaultPlaces.located(yaml, path, FaultPlaces.relative(directory, message));
        }

        /** The keys that differ from those of the gateway's start and cannot be reloaded. */
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

    /** Checks the configuration as it would be after this change of its policies. */
    public static Result check(Path directory, Map<String, Object> overrides, UnaryOperator<Policies> change) {
        return read(directory, overrides, change).result();
    }

    /** The same, and asks the identity providers for their metadata, for four seconds at most each. */
    public static Result checkAndAsk(Path directory, Map<String, Object> overrides) {
        Checked checked = read(directory, overrides);
        Result result = checked.result();
        if (checked.properties() == null || checked.yaml() == null) {
            return result;
        }
        Faults asked = new Faults();
        ProviderAdvice.give(checked.properties(), checked.yaml(), asked);
        List<Fault> warnings = new ArrayList<>(result.warnings());
        warnings.addAll(asked.warnings());
        return new Result(result.faults(), warnings, result.routes(), result.policies());
    }

    /** What to say of a key under {@code errand} that Spring refuses. */
    public static String unknownKey(ConfigurationPropertyName name) {
        return Objects.requireNonNullElse(PropertyKeys.unknown(name), "unknown key '" + name + "': remove it");
    }

    /** The values under {@code errand}, of a configuration that was checked and has no fault. */
    public static ErrandProperties properties(Path directory, Map<String, Object> overrides) {
        return read(directory, overrides).errand();
    }

    /** The parser of templates, of a configuration that was checked and has no fault. */
    public static TemplateParser parser(Path directory, Map<String, Object> overrides) {
        SpringYaml yaml = Objects.requireNonNull(SpringYaml.read(directory, new Faults()));
        ApplicationSettings settings = new ApplicationSettings(directory, overrides);
        return new ConfigurationCheck(directory, yaml, settings, UnaryOperator.identity()).parser();
    }

    static Checked read(Path directory, Map<String, Object> overrides) {
        return read(directory, overrides, UnaryOperator.identity());
    }

    private static Checked read(Path directory, Map<String, Object> overrides, UnaryOperator<Policies> change) {
        Faults unread = new Faults();
        SpringYaml yaml = SpringYaml.read(directory, unread);
        if (yaml == null) {
            // What templates say depends on the routes of the file, and what catalogues say does not.
            CatalogueLoader.load(directory.resolve("operations"), unread);
            return new Checked(
                    new Result(unread.list(), unread.warnings(), List.of(), null), null, null, null, List.of());
        }
        ApplicationSettings settings = new ApplicationSettings(directory, overrides);
        return new ConfigurationCheck(directory, yaml, settings, change).run();
    }

    private Checked run() {
        SpringYaml.Entry errand = yaml.find("errand");
        PropertyKeys keys = new PropertyKeys(faults, settings::has);
        if (errand != null) {
            keys.check("errand", errand, ErrandProperties.class);
        } else if (!settings.has("errand.issuer")) {
            faults.add(yaml.at("errand"), "missing key 'errand': it holds at least issuer and trust");
        }
        boolean whole = faults.isEmpty();
        ErrandProperties properties = whole ? places.bind("errand", settings::errand) : settings.errand(keys.spared());
        places.unknown(settings.sources());
        if (places.lacks("errand", properties)) {
            properties = null;
        }
        SpringYaml.Entry former = yaml.find("spring.cloud.gateway.routes");
        if (former != null) {
            faults.add(former.at(), "routes stand under " + RoutePositions.ROUTES);
        }
        RoutePositions positions = new RoutePositions(yaml);
        int before = faults.count();
        Set<String> faulty = positions.unknownWords(RouteWords.filters(), RouteWords.predicates(), faults);
        boolean readable = faults.count() == before;
        List<RouteDefinition> bound = readable ? places.bind(RoutePositions.ROUTES, settings::routes) : null;
        List<RouteDefinition> routes = bound == null ? List.of() : bound;
        Map<String, String> prefixes = RouteRules.prefixes(bound == null ? routesQuietly() : bound);
        Policies policies = policies(prefixes);
        if (properties != null) {
            entries(properties, policies);
        }
        List<RouteDefinition> judged = readable ? routes : routesQuietly();
        Set<String> upstreams = properties == null || !whole
                ? settings.upstreams(judged)
                : properties.upstreams().keySet();
        Predicate<RouteDefinition> misread = route -> route.getId() == null || faulty.contains(route.getId());
        positions.locate(rules(upstreams, policies).check(judged, misread)).forEach(faults::add);
        routes(properties, judged.stream().filter(misread.negate()).toList(), positions, policies);
        if (properties != null) {
            new CredentialFaults(properties, yaml, faults).check(routes, policies);
            if (!DevTrust.isDev(properties)) {
                PageHost.check(properties, settings.get("management.server.address"), routes, yaml, faults);
            }
        }
        int written = Math.max(routes.size(), positions.count());
        new Advice(directory, yaml, faults).give(properties, policies, written, prefixes);
        List<String> ids = routes.stream().map(RouteDefinition::getId).toList();
        return new Checked(
                new Result(faults.list(), faults.warnings(), ids, policies), settings, yaml, properties, routes);
    }

    /** Checks the keys under {@code errand}, except those that depend on routes and credentials together. */
    private void entries(ErrandProperties properties, Policies policies) {
        ErrandCheck check = new ErrandCheck(properties, places);
        check.entries();
        properties.server().warn(places, settings.get("server.address"));
        DevTrust.beyondLoopback(properties, settings.get("server.address"))
                .forEach(entry -> faults.add(yaml.at(entry.path()), entry.message()));
        ports(properties);
        check.caps(policies);
    }

    /** Checks the routes without an unknown word, even if a fault under {@code errand} makes its values unreadable. */
    private void routes(
            @Nullable ErrandProperties properties,
            List<RouteDefinition> routes,
            RoutePositions positions,
            Policies policies) {
        List<String> stays = properties == null ? List.of() : AskedRoutes.stays(properties);
        positions
                .locate(new AskedRules(policies, stays, properties == null ? Map.of() : properties.upstreams())
                        .check(routes))
                .forEach(faults::add);
        positions.locate(OwnPaths.of(properties).check(routes)).forEach(faults::add);
        if (properties != null
                && properties.console().login() != null
                && properties.approvals().url() == null) {
            positions.locate(PageOrigin.of(properties.issuer()).check(routes)).forEach(faults::add);
        }
        positions.locate(new RouteArguments().check(routes)).forEach(faults::add);
        new RouteHeaders(
                        policies.catalogues(),
                        name -> properties == null ? Set.of() : CredentialConfiguration.headerNames(properties, name))
                .check(routes, positions, faults);
        RouteHeaders.cors(yaml, faults);
    }

    /** The routes after a fault elsewhere in the file: templates use the prefixes that routes define. */
    private List<RouteDefinition> routesQuietly() {
        try {
            return settings.routes();
        } catch (RuntimeException told) {
            return List.of();
        }
    }

    private TemplateParser parser() {
        Duration common = typed(RESPONSE_TIMEOUT, Duration.class, SequenceCompiler.DEFAULT_RESPONSE_TIMEOUT);
        SequencePlans plans = new SequencePlans(unanswered(common, routesQuietly()));
        return new TemplateParser(plans, settings.get("errand.console.login.client-id"));
    }

    /** After which time a call that nobody answered has no outcome: no route with a limit still waits for one. */
    static Duration unanswered(Duration common, List<RouteDefinition> routes) {
        return new UpstreamTimeouts(common).longest(routes.stream().map(RouteDefinition::getMetadata));
    }

    private Policies policies(Map<String, String> prefixes) {
        Faults found = new Faults();
        Policies policies = new PolicyFiles(directory, prefixes, parser()).load(found);
        faults.addAll(found);
        return change.apply(policies);
    }

    private RouteRules rules(Set<String> upstreams, Policies policies) {
        int port = typed("management.server.port", Integer.class, -2);
        String address = Objects.requireNonNullElse(settings.get("management.server.address"), "");
        return new RouteRules(policies.ownCatalogues(), upstreams, Set.of(port), address);
    }

    /** Beyond this machine the operator's credential must exist before: nobody would know one made at start. */
    private void ports(ErrandProperties properties) {
        int port = typed("management.server.port", Integer.class, 0);
        if (port != 0 && port == typed("server.port", Integer.class, 8080)) {
            faults.add(
                    yaml.at("management.server.port"),
                    "the operator port is the traffic port: give management.server.port another");
        }
        if (settings.hasDisabledOperatorTls()) {
            faults.add(
                    yaml.at(PortAddress.OPERATOR),
                    "management.server.ssl names a certificate, and its 'enabled' is false, so that the operator port would speak"
                            + " http: remove one of the two (the chart writes 'enabled' by operators.tls)");
        }
        String address = settings.get("management.server.address");
        Path token = properties.file(properties.operator().token());
        boolean beyond = !OperatorAddress.isLoopback(address);
        if (beyond
                && properties.operator().advertise() == null
                && !properties.state().isEmbedded()) {
            faults.add(yaml.at("errand.operator"), OperatorAddress.needsAdvertise(String.valueOf(address)));
        }
        if (beyond && properties.operators().isEmpty() && !Files.exists(token)) {
            faults.add(
                    yaml.at("management.server.address"),
                    OperatorAddress.needsToken(String.valueOf(address), places.relative(token.toString())));
        }
    }

    private <T> T typed(String key, Class<T> type, T fallback) {
        T value = places.bind(key, () -> settings.get(key, type, fallback));
        return value == null ? fallback : value;
    }
}

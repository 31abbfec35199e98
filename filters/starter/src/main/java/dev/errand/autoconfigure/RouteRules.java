package dev.errand.autoconfigure;

import dev.errand.json.DidYouMean;
import dev.errand.operation.Declaration;
import dev.errand.web.GivenRoutes;
import dev.errand.web.HostSyntax;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.cloud.gateway.support.NameUtils;

/**
 * Checks the definitions of routes. Resolves the host of a route that has our own management port.
 *
 * <p>A governed route has all six stages. A route without all of them must have {@code metadata: {errand: open}}, and
 * must not hold an upstream credential. No route has {@code Retry} (a call is sent once) or SpEL. No route leads to our
 * own management port, or by a filter to another server than its {@code uri}. A catalogue has one upstream, unless its
 * operations get another prefix.
 */
final class RouteRules {
    public static final Set<String> STAGES = new LinkedHashSet<>(
            List.of("TaskIdentity", "DelegationChain", "OperationMapping", "TaskLimits", "TaskSequence", "Provenance"));

    private static final Set<String> GROUND =
            Set.of("TaskIdentity", "DelegationChain", "OperationMapping", "Provenance");

    /** The schemes of upstreams that are spoken to. */
    private static final Set<String> SENT = Set.of("http", "https", "ws", "wss");

    /** The fault of a part of a route that asks Spring to evaluate an expression. */
    static final String EXPRESSION = " has a SpEL expression (#{…}): write its value";

    private final Set<String> catalogues;
    private final List<FilterRule> filterRules;
    private final OwnPort own;
    private final List<RouteRule> routeRules = List.of(
            RouteRules::expressions,
            RouteRules::meaningless,
            RouteRules::unasked,
            RouteRules::openWithCredential,
            RouteRules::openWithoutGround,
            RouteRules::nobodySends,
            RouteRules::noAuthority,
            this::toOurselves);
    private final List<RouteRule> besideAnUnknownWord = List.of(
            RouteRules::expressions,
            RouteRules::meaningless,
            RouteRules::openWithCredential,
            RouteRules::nobodySends,
            RouteRules::noAuthority,
            this::toOurselves);

    /**
     * @param catalogues the names of the catalogues, without names that routes give them by {@code as=}
     * @param credentials the names under {@code errand.upstreams}
     * @param ownPorts our management port, which no route may lead to
     * @param ownAddress the address that port listens on; empty for all
     */
    public RouteRules(Set<String> catalogues, Set<String> credentials, Set<Integer> ownPorts, String ownAddress) {
        this.catalogues = Set.copyOf(catalogues);
        this.filterRules = FilterRule.all(credentials);
        this.own = new OwnPort(ownPorts, ownAddress);
    }

    /** A fault of one route. */
    public record RouteFault(String route, String message) {}

    /**
     * Puts the default filters that the route does not name itself before its own, so that a named filter replaces its
     * default. An open route that names no stage skips the stages among the defaults: it checks no caller.
     */
    public static RouteDefinition withDefaults(RouteDefinition route, List<FilterDefinition> defaults) {
        Set<String> named = new HashSet<>();
        route.getFilters().forEach(filter -> named.add(filter.getName()));
        boolean asksNobody = isOpen(route) && STAGES.stream().noneMatch(named::contains);
        List<FilterDefinition> filters = new ArrayList<>();
        for (FilterDefinition filter : defaults) {
            boolean stage = STAGES.contains(filter.getName());
            if (!named.contains(filter.getName()) && !(stage && asksNobody)) {
                filters.add(filter);
            }
        }
        filters.addAll(route.getFilters());
        route.setFilters(filters);
        return route;
    }

    /** The prefixes of operations that routes use, each with its catalogue. */
    public static Map<String, String> prefixes(List<RouteDefinition> routes) {
        Map<String, String> prefixes = new HashMap<>();
        for (RouteDefinition route : routes) {
            for (FilterDefinition filter : route.getFilters()) {
                if ("OperationMapping".equals(filter.getName())) {
                    prefixes.put(prefix(filter), catalogue(filter));
                }
            }
        }
        return prefixes;
    }

    /** Finds every fault of every route. The routes already have their default filters. */
    public List<RouteFault> check(List<RouteDefinition> routes) {
        return check(routes, route -> false);
    }

    /**
     * Finds the faults of routes.
     *
     * @param faulty the routes with an unknown word. What these lack is not told: the word may be what they seem to lack.
     */
    public List<RouteFault> check(List<RouteDefinition> routes, Predicate<RouteDefinition> faulty) {
        List<RouteFault> faults = new ArrayList<>();
        Map<String, URI> upstreamOf = new HashMap<>();
        Map<String, String> prefixes = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (RouteDefinition route : routes) {
            String id = String.valueOf(route.getId());
            if (!ids.add(id)) {
                faults.add(new RouteFault(id, "has the id of another route: rename one"));
            }
            check(route, id, faulty.test(route), faults);
            for (FilterDefinition filter : route.getFilters()) {
                if ("OperationMapping".equals(filter.getName())) {
                    upstream(route, id, filter, upstreamOf, prefixes, faults);
                }
            }
        }
        return faults;
    }

    private void check(RouteDefinition route, String id, boolean faulty, List<RouteFault> faults) {
        for (int i = 0; i < route.getFilters().size(); i++) {
            for (FilterRule rule : filterRules) {
                String fault = rule.fault(route, i);
                if (fault != null) {
                    faults.add(new RouteFault(id, fault));
                }
            }
        }
        for (RouteRule rule : faulty ? besideAnUnknownWord : routeRules) {
            rule.faults(route).forEach(fault -> faults.add(new RouteFault(id, fault)));
        }
    }

    /** A rule about a route as a whole. It returns the faults. */
    private interface RouteRule {
        Stream<String> faults(RouteDefinition route);
    }

    private static Stream<String> expressions(RouteDefinition route) {
        Stream<String> ofPredicates = route.getPredicates().stream()
                .filter(predicate -> isExpression(predicate.getArgs()))
                .map(predicate -> predicate.getName() + EXPRESSION);
        return isExpression(route.getMetadata())
                ? Stream.concat(ofPredicates, Stream.of("metadata" + EXPRESSION))
                : ofPredicates;
    }

    private static Stream<String> meaningless(RouteDefinition route) {
        String asked = String.valueOf(route.getMetadata().getOrDefault("errand", "open"));
        return when(!asked.equals("open"), "metadata: {errand: " + asked + "} means nothing; the only value is 'open'");
    }

    private static Stream<String> unasked(RouteDefinition route) {
        Set<String> missing = missing(route);
        return when(
                !missing.isEmpty() && !isOpen(route),
                "lacks " + String.join(", ", missing) + (missing.size() == 1 ? ": add it" : ": add them")
                        + ", or say metadata: {errand: open} if nobody is to be asked who calls");
    }

    private static Stream<String> openWithCredential(RouteDefinition route) {
        boolean credential =
                route.getFilters().stream().anyMatch(filter -> FilterRule.CREDENTIAL.equals(filter.getName()));
        return when(
                isOpen(route) && credential && !missing(route).isEmpty(),
                "is open and has UpstreamCredential: an open route may hold no credential");
    }

    /**
     * An open route with some stages needs those on which the others depend. Limits and sequence may be left out
     * separately.
     */
    private static Stream<String> openWithoutGround(RouteDefinition route) {
        Set<String> missing = missing(route);
        Set<String> needed = new LinkedHashSet<>(missing);
        needed.retainAll(GROUND);
        return when(
                isOpen(route) && !needed.isEmpty() && missing.size() < STAGES.size(),
                "is open and lacks " + String.join(", ", needed)
                        + ", which its other stages need: add them, or name no stage");
    }

    private static Stream<String> nobodySends(RouteDefinition route) {
        String scheme = route.getUri() == null ? null : route.getUri().getScheme();
        boolean sent = scheme != null
                && (SENT.contains(scheme.toLowerCase(Locale.ROOT))
                        || (isOpen(route) && scheme.equals("forward"))
                        || (scheme.equals(GivenRoutes.NO_UPSTREAM) && isForGateways(route)));
        return when(
                scheme != null && !sent,
                "has a 'uri' of the scheme '" + scheme + "', which nothing here sends: write http://host:port or"
                        + " https://host:port");
    }

    private static Stream<String> noAuthority(RouteDefinition route) {
        Object authority = route.getMetadata().get(GivenRoutes.AUTHORITY);
        return when(
                authority != null && !HostSyntax.isHost(authority.toString()),
                "metadata: {" + GivenRoutes.AUTHORITY + ": " + authority
                        + "} is no host with or without a port: write HOST:PORT");
    }

    private Stream<String> toOurselves(RouteDefinition route) {
        URI uri = route.getUri();
        return uri != null && own.isAt(uri)
                ? Stream.of("leads to our own management port " + uri.getPort())
                : Stream.empty();
    }

    private static Stream<String> when(boolean wrong, String fault) {
        return wrong ? Stream.of(fault) : Stream.empty();
    }

    private static Set<String> missing(RouteDefinition route) {
        Set<String> missing = new LinkedHashSet<>(STAGES);
        route.getFilters().forEach(filter -> missing.remove(filter.getName()));
        return missing;
    }

    private void upstream(
            RouteDefinition route,
            String id,
            FilterDefinition filter,
            Map<String, URI> upstreamOf,
            Map<String, String> prefixes,
            List<RouteFault> faults) {
        String catalogue = catalogue(filter);
        String stray = stray(filter);
        if (stray != null) {
            faults.add(new RouteFault(
                    id,
                    "OperationMapping=" + catalogue + "," + stray
                            + ": the second value must be a prefix, as=PREFIX: write as="
                            + stray.replaceFirst("^[^=]*=", "") + ", or remove it"));
        }
        if (!catalogues.contains(catalogue)) {
            faults.add(new RouteFault(
                    id,
                    "OperationMapping=" + catalogue + ": there is no catalogue '" + catalogue + "' in operations/"
                            + DidYouMean.hint(catalogue, catalogues)));
            return;
        }
        if (stray != null) {
            return;
        }
        String prefix = prefix(filter);
        String meant = prefixes.putIfAbsent(prefix, catalogue);
        if (!prefix.equals(catalogue) && !Declaration.isName(prefix)) {
            faults.add(new RouteFault(
                    id,
                    "OperationMapping=" + catalogue + ",as=" + prefix
                            + ": a prefix is lower-case letters, digits and -," + " and begins with a letter"));
            return;
        }
        if ((!prefix.equals(catalogue) && catalogues.contains(prefix)) || (meant != null && !meant.equals(catalogue))) {
            faults.add(new RouteFault(
                    id,
                    "OperationMapping=" + catalogue + ",as=" + prefix + ": '" + prefix
                            + "' already names the operations of" + " another catalogue: choose another prefix"));
            return;
        }
        URI other = upstreamOf.putIfAbsent(prefix, route.getUri());
        if (other != null && !other.equals(route.getUri())) {
            faults.add(new RouteFault(
                    id,
                    "the catalogue '" + prefix + "' already names the operations of " + other
                            + ": give this upstream another prefix, OperationMapping=" + catalogue + ",as=" + catalogue
                            + "-2"));
        }
    }

    /** Whether other gateways may ask about its requests. */
    static boolean isForGateways(RouteDefinition route) {
        return route.getMetadata().containsKey(GivenRoutes.CLUSTER);
    }

    static boolean isExpression(Map<String, ?> values) {
        return values.values().stream().anyMatch(value -> String.valueOf(value).contains("#{"));
    }

    static boolean isOpen(RouteDefinition route) {
        return "open".equals(route.getMetadata().get("errand"));
    }

    /** The first value of a filter. */
    public static String first(FilterDefinition filter) {
        return filter.getArgs().values().stream().findFirst().orElse("");
    }

    private static String catalogue(FilterDefinition filter) {
        String named = filter.getArgs().get("catalogue");
        return named != null ? named : first(filter);
    }

    /** The prefix of the operations of an {@code OperationMapping}. */
    public static String prefix(FilterDefinition filter) {
        String second = second(filter);
        return second == null ? catalogue(filter) : second.replaceFirst("^as=", "");
    }

    /** A second value of an {@code OperationMapping} that is no prefix, or null. */
    private static @Nullable String stray(FilterDefinition filter) {
        String second = second(filter);
        return second == null || filter.getArgs().containsKey("as") || second.startsWith("as=") ? null : second;
    }

    /** What is written as the prefix of an {@code OperationMapping}, or null. */
    private static @Nullable String second(FilterDefinition filter) {
        String named = filter.getArgs().get("as");
        return named != null ? named : filter.getArgs().get(NameUtils.generateName(1));
    }
}

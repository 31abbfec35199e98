package dev.errand.autoconfigure.check;

import dev.errand.config.DidYouMean;
import dev.errand.operation.declaration.Declaration;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * What a configured route must be: definitions in, faults out. Asks the resolver about a route whose port is our own.
 *
 * <p>A governed route has all six stages; one that has not must say {@code metadata: {errand: open}} and may then hold no
 * upstream credential. No route has {@code Retry} (a call is sent once) or SpEL, none leads to our own management port or,
 * by a filter, elsewhere than its {@code uri} says, and a catalogue names one upstream unless its operations get another prefix.
 */
public final class RouteRules {
    public static final Set<String> STAGES = new LinkedHashSet<>(
            List.of("TaskIdentity", "DelegationChain", "OperationMapping", "TaskLimits", "TaskSequence", "Provenance"));

    private static final Set<String> GROUND =
            Set.of("TaskIdentity", "DelegationChain", "OperationMapping", "Provenance");

    /** The schemes of upstreams that are spoken to. */
    private static final Set<String> SENT = Set.of("http", "https", "ws", "wss");

    /** What is wrong with a part of a route that asks Spring to evaluate it. */
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
            this::toOurselves);

    /**
     * @param catalogues the names of the catalogues there are, without what routes call them by {@code as=}
     * @param credentials the names under {@code errand.upstreams}
     * @param ownPorts our management port, which no route may lead to
     * @param ownAddress where that listens; empty for everywhere
     */
    public RouteRules(Set<String> catalogues, Set<String> credentials, Set<Integer> ownPorts, String ownAddress) {
        this.catalogues = Set.copyOf(catalogues);
        this.filterRules = FilterRule.all(credentials);
        this.own = new OwnPort(ownPorts, ownAddress);
    }

    /** A fault of one route. */
    public record RouteFault(String route, String message) {}

    /**
     * The route with the defaults that it does not name itself put first, so that a named filter replaces its default. An
     * open route that names no stage asks nobody: the stages among the defaults are not for it.
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

    /** The upstreams' prefixes and the catalogues they stand for, as the routes use them. */
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

    /** Every fault of every route; the routes already have their defaults. */
    public List<RouteFault> check(List<RouteDefinition> routes) {
        List<RouteFault> faults = new ArrayList<>();
        Map<String, URI> upstreamOf = new HashMap<>();
        Map<String, String> prefixes = new HashMap<>();
        Set<String> ids = new HashSet<>();
        for (RouteDefinition route : routes) {
            String id = String.valueOf(route.getId());
            if (!ids.add(id)) {
                faults.add(new RouteFault(id, "there are two routes of this id: rename one"));
            }
            check(route, id, faults);
            for (FilterDefinition filter : route.getFilters()) {
                if ("OperationMapping".equals(filter.getName())) {
                    upstream(route, id, filter, upstreamOf, prefixes, faults);
                }
            }
        }
        return faults;
    }

    private void check(RouteDefinition route, String id, List<RouteFault> faults) {
        for (int i = 0; i < route.getFilters().size(); i++) {
            for (FilterRule rule : filterRules) {
                String fault = rule.fault(route, i);
                if (fault != null) {
                    faults.add(new RouteFault(id, fault));
                }
            }
        }
        for (RouteRule rule : routeRules) {
            rule.faults(route).forEach(fault -> faults.add(new RouteFault(id, fault)));
        }
    }

    /** A rule about a route as a whole: what is wrong with it. */
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
                "lacks " + String.join(", ", missing)
                        + ": add them, or say metadata: {errand: open} if nobody is to be asked who calls");
    }

    private static Stream<String> openWithCredential(RouteDefinition route) {
        boolean credential =
                route.getFilters().stream().anyMatch(filter -> FilterRule.CREDENTIAL.equals(filter.getName()));
        return when(
                isOpen(route) && credential && !missing(route).isEmpty(),
                "is open and has UpstreamCredential: an open route may hold no credential");
    }

    /** Limits and sequence may be left out one by one; what they and the record speak of may not. */
    private static Stream<String> openWithoutGround(RouteDefinition route) {
        Set<String> missing = missing(route);
        Set<String> needed = new LinkedHashSet<>(missing);
        needed.retainAll(GROUND);
        return when(
                isOpen(route) && !needed.isEmpty() && missing.size() < STAGES.size(),
                "is open and lacks " + String.join(", ", needed)
                        + ", on which its other stages stand: add them, or name no stage");
    }

    private static Stream<String> nobodySends(RouteDefinition route) {
        String scheme = route.getUri() == null ? null : route.getUri().getScheme();
        boolean sent = scheme != null
                && (SENT.contains(scheme.toLowerCase(Locale.ROOT)) || (isOpen(route) && scheme.equals("forward")));
        return when(
                scheme != null && !sent,
                "has a 'uri' of the scheme '" + scheme + "', which nothing here sends: write http://host:port or"
                        + " https://host:port");
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
        if (!catalogues.contains(catalogue)) {
            faults.add(new RouteFault(
                    id,
                    "OperationMapping=" + catalogue + ": there is no catalogue '" + catalogue + "' in operations/"
                            + DidYouMean.hint(catalogue, catalogues)));
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
        String named = filter.getArgs().get("as");
        if (named == null) {
            named = filter.getArgs().values().stream()
                    .filter(value -> value.startsWith("as="))
                    .findFirst()
                    .orElse(null);
        }
        return named == null ? catalogue(filter) : named.replaceFirst("^as=", "");
    }
}

package dev.errand.autoconfigure.check;

import dev.errand.config.DidYouMean;
import dev.errand.operation.declaration.Declaration;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final String CREDENTIAL = "UpstreamCredential";

    /** Filters by which another than {@code uri} says would be sent to, if need be whom the agent chooses. */
    private static final Set<String> ELSEWHERE = Set.of("RequestHeaderToRequestUri", "SetRequestUri");

    private final Set<String> catalogues;
    private final Set<String> credentials;
    private final OwnPort own;

    /**
     * @param catalogues the names of the catalogues there are, without what routes call them by {@code as=}
     * @param credentials the names under {@code errand.upstreams}
     * @param ownPorts our management port, which no route may lead to
     * @param ownAddress where that listens; empty for everywhere
     */
    public RouteRules(Set<String> catalogues, Set<String> credentials, Set<Integer> ownPorts, String ownAddress) {
        this.catalogues = Set.copyOf(catalogues);
        this.credentials = Set.copyOf(credentials);
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
        Set<String> missing = new LinkedHashSet<>(STAGES);
        boolean credential = false;
        Set<String> seen = new HashSet<>();
        for (FilterDefinition filter : route.getFilters()) {
            missing.remove(filter.getName());
            if (!seen.add(String.valueOf(filter.getName())) && STAGES.contains(filter.getName())) {
                faults.add(new RouteFault(id, "has " + filter.getName() + " twice: remove one"));
            }
            if ("Retry".equals(filter.getName())) {
                faults.add(new RouteFault(id, "has Retry: the gateway sends a call once; remove it"));
            }
            if ("LocalResponseCache".equals(filter.getName())) {
                faults.add(new RouteFault(
                        id, "has LocalResponseCache: it answers calls that nobody decided or recorded; remove it"));
            }
            if ("RedirectTo".equals(filter.getName()) && !isOpen(route)) {
                faults.add(new RouteFault(
                        id, "has RedirectTo: it answers calls that nobody decided or recorded; remove it"));
            }
            if ("PreserveHostHeader".equals(filter.getName())) {
                faults.add(new RouteFault(
                        id,
                        "has PreserveHostHeader: the upstream is addressed as 'uri' says, never as the client does"));
            }
            if (ELSEWHERE.contains(filter.getName())) {
                faults.add(new RouteFault(
                        id,
                        "has " + filter.getName() + ": the upstream is the one that 'uri' says; remove it, or make a"
                                + " route of each upstream"));
            }
            if (isExpression(filter.getArgs())) {
                faults.add(new RouteFault(id, filter.getName() + " has a SpEL expression (#{…}): write its value"));
            }
            if (CREDENTIAL.equals(filter.getName())) {
                credential = true;
                String name = first(filter);
                if (!credentials.contains(name)) {
                    faults.add(new RouteFault(
                            id,
                            "UpstreamCredential=" + name + ": there is no '" + name + "' under errand.upstreams"
                                    + DidYouMean.hint(name, credentials)));
                }
            }
        }
        route.getPredicates().stream()
                .filter(p -> isExpression(p.getArgs()))
                .forEach(p ->
                        faults.add(new RouteFault(id, p.getName() + " has a SpEL expression (#{…}): write its value")));
        if (isExpression(route.getMetadata())) {
            faults.add(new RouteFault(id, "metadata has a SpEL expression (#{…}): write its value"));
        }
        boolean open = isOpen(route);
        String asked = String.valueOf(route.getMetadata().getOrDefault("errand", "open"));
        if (!asked.equals("open")) {
            faults.add(new RouteFault(id, "metadata: {errand: " + asked + "} means nothing; the only value is 'open'"));
        }
        if (!missing.isEmpty() && !open) {
            faults.add(new RouteFault(
                    id,
                    "lacks " + String.join(", ", missing)
                            + ": add them, or say metadata: {errand: open} if nobody is to" + " be asked who calls"));
        }
        if (!missing.isEmpty() && open && credential) {
            faults.add(new RouteFault(id, "is open and has UpstreamCredential: an open route may hold no credential"));
        }
        // Limits and sequence may be left out one by one; what they and the record speak of may not.
        Set<String> needed = new LinkedHashSet<>(missing);
        needed.retainAll(GROUND);
        if (open && !needed.isEmpty() && missing.size() < STAGES.size()) {
            faults.add(new RouteFault(
                    id,
                    "is open and lacks " + String.join(", ", needed)
                            + ", on which its other stages stand: add them, or name no stage"));
        }
        URI uri = route.getUri();
        if (uri != null && own.isAt(uri)) {
            faults.add(new RouteFault(id, "leads to our own management port " + uri.getPort()));
        }
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

    private static boolean isExpression(Map<String, ?> values) {
        return values.values().stream().anyMatch(value -> String.valueOf(value).contains("#{"));
    }

    private static boolean isOpen(RouteDefinition route) {
        return "open".equals(route.getMetadata().get("errand"));
    }

    static String first(FilterDefinition filter) {
        return filter.getArgs().values().stream().findFirst().orElse("");
    }

    private static String catalogue(FilterDefinition filter) {
        String named = filter.getArgs().get("catalogue");
        return named != null ? named : first(filter);
    }

    static String prefix(FilterDefinition filter) {
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

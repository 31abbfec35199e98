package dev.errand.autoconfigure;

import dev.errand.autoconfigure.RouteRules.RouteFault;
import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.operation.HeaderRule;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.RequestHeaders;
import dev.errand.web.WrittenHeaders;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Checks routes together with their catalogues' rules for headers: a header that is passed on although the route's
 * credential writes it, a filter that writes a header which is not passed on, and CORS, which no route answers. For one
 * thread.
 *
 * @param catalogues by the prefix of their operations
 * @param written the headers that the credential of a name writes; empty if there is no such credential
 */
record RouteHeaders(Map<String, OperationCatalogue> catalogues, Function<String, Set<String>> written) {
    /** Filters whose first value is the name of a request header. */
    private static final Set<String> WRITING = Set.of("AddRequestHeader", "SetRequestHeader");

    /** The filter whose value replaces that of the agent. */
    private static final String SETTING = "SetRequestHeader";

    /** The filter whose value comes from another header, so that the agent chooses it. */
    private static final String COPYING = "MapRequestHeader";

    private static final String CORS =
            "a browser's preflight and its requests are calls like any other, which are named,"
                    + " proven and recorded: these settings answer none of them; remove them, and let the page's own"
                    + " server call the gateway";

    RouteHeaders {
        catalogues = Map.copyOf(catalogues);
    }

    /** Adds every fault and warning. The routes already have their default filters. */
    public void check(List<RouteDefinition> routes, RoutePositions positions, Faults faults) {
        List<RouteFault> warnings = new ArrayList<>();
        for (RouteDefinition route : routes) {
            OperationCatalogue catalogue = route.getFilters().stream()
                    .filter(filter -> "OperationMapping".equals(filter.getName()))
                    .findFirst()
                    .map(filter -> catalogues.get(RouteRules.prefix(filter)))
                    .orElse(null);
            HeaderRules rules = catalogue == null ? HeaderRules.OPEN : catalogue.headers();
            for (FilterDefinition filter : route.getFilters()) {
                if ("UpstreamCredential".equals(filter.getName())) {
                    passing(route, rules, RouteRules.first(filter), faults);
                } else {
                    headers(filter).forEach(name -> writes(route, filter, name, rules, warnings));
                }
            }
            if (route.getMetadata().containsKey("cors")) {
                warnings.add(new RouteFault(String.valueOf(route.getId()), "metadata: {cors: …}: " + CORS));
            }
        }
        positions
                .locate(warnings)
                .forEach(warning ->
                        faults.warn(new Position(warning.file(), warning.line(), warning.column()), warning.message()));
    }

    /** Warns of CORS settings that hold for all routes. */
    public static void cors(SpringYaml yaml, Faults faults) {
        SpringYaml.Entry global = yaml.find(RoutePositions.GATEWAY + ".globalcors");
        if (global != null) {
            faults.warn(global.at(), "'globalcors': " + CORS);
        }
    }

    private void passing(RouteDefinition route, HeaderRules rules, String credential, Faults faults) {
        if (rules.passing().isEmpty()) {
            return;
        }
        Set<String> writes =
                written.apply(credential).stream().map(RequestHeaders::fold).collect(Collectors.toUnmodifiableSet());
        rules.passing().forEach((name, at) -> {
            if (writes.contains(RequestHeaders.fold(name))) {
                faults.add(
                        at,
                        "'" + name + "' cannot pass: UpstreamCredential=" + credential + " of route '" + route.getId()
                                + "' writes it; remove it here");
            }
        });
    }

    private static void writes(
            RouteDefinition route, FilterDefinition filter, String name, HeaderRules rules, List<RouteFault> warnings) {
        HeaderRule rule = rules.of(name);
        if (rule.refuses() || rule.fate() == HeaderRule.Fate.REMOVED || rule.fate() == HeaderRule.Fate.ENDS) {
            warnings.add(new RouteFault(
                    String.valueOf(route.getId()),
                    filter.getName() + " writes " + name
                            + (rule.refuses()
                                    ? ", with which every call is malformed"
                                    : ", which is removed before the call is sent")
                            + ": give the upstream a header of yours by UpstreamCredential (kind header)"
                            + (HeaderRules.mayPass(name)
                                    ? ", or let the agent's pass too by headers: {pass: [" + name
                                            + "]} in the catalogue"
                                    : "")));
        }
    }

    /** The headers that the filters of a route write with values of the configuration. */
    public static WrittenHeaders written(RouteDefinition route) {
        Set<String> set = new HashSet<>();
        Set<String> added = new HashSet<>();
        for (FilterDefinition filter : route.getFilters()) {
            if (!COPYING.equals(filter.getName())) {
                Set<String> names = SETTING.equals(filter.getName()) ? set : added;
                headers(filter).forEach(name -> names.add(name.strip().toLowerCase(Locale.ROOT)));
            }
        }
        return new WrittenHeaders(set, added);
    }

    /** The names of the request headers that a filter writes. */
    private static List<String> headers(FilterDefinition filter) {
        String name = String.valueOf(filter.getName());
        List<String> values = List.copyOf(filter.getArgs().values());
        if (WRITING.contains(name)) {
            String named = filter.getArgs().get("name");
            return named != null ? List.of(named) : values.isEmpty() ? List.of() : List.of(values.get(0));
        } else if (name.equals(COPYING)) {
            String named = filter.getArgs().get("toHeader");
            return named != null ? List.of(named) : values.size() < 2 ? List.of() : List.of(values.get(1));
        } else if (name.equals("AddRequestHeadersIfNotPresent")) {
            return values.stream()
                    .map(value -> value.substring(0, Math.max(0, value.indexOf(':'))))
                    .toList();
        }
        return List.of();
    }
}

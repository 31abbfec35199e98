package dev.errand.autoconfigure;

import dev.errand.json.DidYouMean;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** A rule about one filter of a route. */
interface FilterRule {
    /** The filter that puts an upstream's credential on a request. */
    String CREDENTIAL = "UpstreamCredential";

    /** The fault of the filter with that index, or null. */
    @Nullable String fault(RouteDefinition route, int index);

    /**
     * All rules, in the order in which their faults are reported.
     *
     * @param credentials the names under {@code errand.upstreams}
     */
    static List<FilterRule> all(Set<String> credentials) {
        String undecided = "it answers calls that nobody decided or recorded; remove it";
        String elsewhere = "the upstream is the one that 'uri' says; remove it, or make one route for each upstream";
        List<FilterRule> rules = new ArrayList<>();
        rules.add(FilterRule::twice);
        rules.add(never("Retry", "the gateway sends a call once; remove it"));
        rules.add(never("LocalResponseCache", undecided));
        FilterRule redirect = never("RedirectTo", undecided);
        rules.add((route, index) -> RouteRules.isOpen(route) ? null : redirect.fault(route, index));
        rules.add(never("PreserveHostHeader", "the upstream is addressed as 'uri' says, never as the client does"));
        // These filters would send the request to another host than 'uri', perhaps to one that the agent chooses.
        rules.add(never("RequestHeaderToRequestUri", elsewhere));
        rules.add(never("SetRequestUri", elsewhere));
        rules.add(FilterRule::expression);
        rules.add((route, index) -> unknownCredential(route.getFilters().get(index), credentials));
        return rules;
    }

    private static FilterRule never(String name, String why) {
        return (route, index) ->
                name.equals(route.getFilters().get(index).getName()) ? "has " + name + ": " + why : null;
    }

    private static @Nullable String twice(RouteDefinition route, int index) {
        String name = route.getFilters().get(index).getName();
        boolean before = route.getFilters().subList(0, index).stream()
                .anyMatch(filter -> String.valueOf(filter.getName()).equals(name));
        return before && RouteRules.STAGES.contains(name) ? "has " + name + " twice: remove one" : null;
    }

    private static @Nullable String expression(RouteDefinition route, int index) {
        FilterDefinition filter = route.getFilters().get(index);
        return RouteRules.isExpression(filter.getArgs()) ? filter.getName() + RouteRules.EXPRESSION : null;
    }

    private static @Nullable String unknownCredential(FilterDefinition filter, Set<String> credentials) {
        if (!CREDENTIAL.equals(filter.getName())) {
            return null;
        }
        String name = RouteRules.first(filter);
        return credentials.contains(name)
                ? null
                : "UpstreamCredential=" + name + ": there is no '" + name + "' under errand.upstreams"
                        + DidYouMean.hint(name, credentials);
    }
}

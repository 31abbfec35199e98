package dev.errand.autoconfigure;

import dev.errand.autoconfigure.RouteRules.RouteFault;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.util.AntPathMatcher;

/**
 * The origin of the pages on which people approve. Anything else that a browser gets from this origin could act there
 * in their name, so no route without proof of the caller may answer on it.
 *
 * @param host in lower case, with its port if the address names one
 */
record PageOrigin(String host) {
    /** The origin of an address. The address is well-formed; another check reports one that is not. */
    public static PageOrigin of(String address) {
        String authority = URI.create(address).getRawAuthority();
        return new PageOrigin(authority == null ? "" : authority.toLowerCase(Locale.ROOT));
    }

    /** The faults: open routes that answer on this origin. */
    public List<RouteFault> check(List<RouteDefinition> routes) {
        return routes.stream()
                .filter(RouteRules::isOpen)
                .filter(this::answers)
                .map(route -> new RouteFault(
                        String.valueOf(route.getId()),
                        "is open, on the host of errand.issuer, where people sign in to approve: what it answers could"
                                + " approve in their name. Give the route a Host predicate for another host, or the"
                                + " pages a host of their own by errand.approvals.url"))
                .toList();
    }

    /** Whether the route answers on this host: all its {@code Host} predicates match, or it has none. */
    private boolean answers(RouteDefinition route) {
        return route.getPredicates().stream()
                .filter(predicate -> "Host".equals(predicate.getName()))
                .allMatch(this::matches);
    }

    private boolean matches(PredicateDefinition hosts) {
        AntPathMatcher matcher = new AntPathMatcher(".");
        String name = host.replaceFirst(":[0-9]+$", "");
        return hosts.getArgs().values().stream()
                .map(pattern -> pattern.toLowerCase(Locale.ROOT))
                .anyMatch(pattern -> matcher.match(pattern, host) || matcher.match(pattern, name));
    }
}

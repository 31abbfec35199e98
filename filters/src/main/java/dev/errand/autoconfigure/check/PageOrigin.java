package dev.errand.autoconfigure.check;

import dev.errand.autoconfigure.check.RouteRules.RouteFault;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;
import org.springframework.util.AntPathMatcher;

/**
 * The origin of the pages on which people approve. Whatever else a browser gets from that origin could act there in their name, so
 * that no route without proof of the caller may answer on it.
 *
 * @param host with its port where the address names one, in lower case
 */
public record PageOrigin(String host) {
    /** That of an address; it is well-formed, or a fault of its own was told. */
    public static PageOrigin of(String address) {
        String authority = URI.create(address).getRawAuthority();
        return new PageOrigin(authority == null ? "" : authority.toLowerCase(Locale.ROOT));
    }

    /** The open routes that answer there. */
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

    /** A route without a predicate of the host answers on every host; one with several, where all of them hold. */
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

package dev.errand.autoconfigure;

import dev.errand.operation.Effect;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.Policies;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** The rules for routes about whose requests other gateways ask. */
final class AskedRules {
    private static final String STREAM = "stream";
    private static final String AUTHZ = "authz";

    private static final Set<String> CHANGE_PATHS = Set.of(
            "StripPrefix", "PrefixPath", "RewritePath", "SetPath", "RewriteRequestParameter", "AddRequestParameter");

    private final Map<String, OperationCatalogue> catalogues;

    AskedRules(Policies policies) {
        this.catalogues = policies.catalogues();
    }

    List<RouteRules.RouteFault> check(List<RouteDefinition> routes) {
        List<RouteRules.RouteFault> faults = new ArrayList<>();
        for (RouteDefinition route : routes) {
            if (RouteRules.isForGateways(route)) {
                List<@Nullable String> found = new ArrayList<>();
                found.add(stays(AskedRoutes.pattern(route)));
                found.add(body(route));
                found.add(door(route));
                found.forEach(fault -> {
                    if (fault != null) {
                        faults.add(new RouteRules.RouteFault(String.valueOf(route.getId()), fault));
                    }
                });
            }
        }
        return faults;
    }

    /** The gateway's own endpoints stay on the traffic port, whatever the routes say. */
    private static @Nullable String stays(String pattern) {
        for (String own : AskedRoutes.OWN) {
            String path = own.endsWith("/") ? own.substring(0, own.length() - 1) : own;
            if (pattern.equals(path) || pattern.startsWith(path + "/")) {
                return "has the path " + path + ", which stays on the traffic port: other gateways do not ask about it";
            }
        }
        return null;
    }

    private @Nullable String body(RouteDefinition route) {
        Object said = route.getMetadata().get(AskedRoutes.BODY);
        if (said == null) {
            return null;
        }
        if (!STREAM.equals(said)) {
            return "metadata: {errand-body: " + said + "} means nothing; the only value is 'stream'";
        }
        OperationCatalogue catalogue = catalogue(route);
        return catalogue == null || !catalogue.readsBodies()
                ? null
                : "has metadata: {errand-body: stream}, but its catalogue names operations by bodies: remove it";
    }

    private static @Nullable String door(RouteDefinition route) {
        Object said = route.getMetadata().get(AskedRoutes.DOOR);
        if (said == null) {
            return null;
        }
        if (!AUTHZ.equals(said)) {
            return "metadata: {errand-door: " + said + "} means nothing; the only value is 'authz'";
        }
        return route.getFilters().stream()
                .map(FilterDefinition::getName)
                .filter(CHANGE_PATHS::contains)
                .findFirst()
                .map(name -> "has " + name + ": a gateway that asks by ext_authz cannot change the path; remove it")
                .orElse(null);
    }

    private @Nullable OperationCatalogue catalogue(RouteDefinition route) {
        return route.getFilters().stream()
                .filter(filter -> "OperationMapping".equals(filter.getName()))
                .findFirst()
                .map(filter -> catalogues.get(RouteRules.prefix(filter)))
                .orElse(null);
    }

    /** What {@code errand check} says of the routes: bodies that could stream, and what a gateway without answers is refused. */
    static List<String> notes(List<RouteDefinition> routes, Policies policies) {
        AskedRules rules = new AskedRules(policies);
        List<String> notes = new ArrayList<>();
        List<String> streams = new ArrayList<>();
        for (RouteDefinition route : routes) {
            OperationCatalogue catalogue = rules.catalogue(route);
            if (!RouteRules.isForGateways(route) || catalogue == null) {
                continue;
            }
            if (!route.getMetadata().containsKey(AskedRoutes.BODY) && !catalogue.readsBodies()) {
                streams.add(String.valueOf(route.getId()));
            }
            if (AUTHZ.equals(route.getMetadata().get(AskedRoutes.DOOR))) {
                notes.add(unseen(route, catalogue, policies));
            }
        }
        if (!streams.isEmpty()) {
            notes.add(0, "bodies could stream, by metadata: {errand-body: stream}: " + String.join(", ", streams));
        }
        return notes;
    }

    private static String unseen(RouteDefinition route, OperationCatalogue catalogue, Policies policies) {
        List<String> refused = new ArrayList<>();
        new TreeMap<>(policies.templates()).forEach((name, template) -> {
            if (template.enforced().sequence().needsAnswers()) {
                refused.add("every call of tasks of " + name);
            }
        });
        catalogue.reviewed(EnumSet.of(Effect.CONNECT)).stream()
                .map(operation -> operation.id())
                .sorted()
                .forEach(refused::add);
        refused.add("answers that last or are filtered (watch, follow, session.stream, lists of jsonrpc)");
        return "refused by ext_authz on route " + route.getId() + ": " + String.join("; ", refused);
    }
}

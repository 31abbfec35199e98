package dev.errand.autoconfigure;

import dev.errand.config.Faults;
import dev.errand.credential.CredentialLifetime;
import dev.errand.credential.GitHubAppConfig;
import dev.errand.credential.ImpersonateConfig;
import dev.errand.credential.InstallationScope;
import dev.errand.credential.TaskCredentialConfig;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.HeaderRules;
import dev.errand.operation.OperationCatalogue;
import dev.errand.sequence.CompiledSequence;
import dev.errand.template.Policies;
import dev.errand.template.Template;
import dev.errand.upstream.GrantedOperation;
import java.net.URI;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/**
 * Checks the credentials of tasks together with routes and templates: an audience with two hosts, an impersonation to
 * which a client could add a header, a credential that needs a plan's step without a plan. For one thread.
 *
 * @param perTask the entries under {@code errand.upstreams} that are per task, by name
 */
record CredentialRoutes(SortedMap<String, TaskCredentialConfig> perTask, SpringYaml yaml, Faults faults) {
    private record Uses(Set<String> hosts, Set<String> catalogues) {}

    void check(List<RouteDefinition> routes, Policies policies) {
        Map<String, Uses> uses = uses(routes);
        audiences(uses);
        perTask.forEach((name, kind) -> {
            Uses used = uses.getOrDefault(name, new Uses(Set.of(), Set.of()));
            if (kind instanceof ImpersonateConfig) {
                impersonation(name, used, policies);
            }
            if (kind.when() == CredentialLifetime.STEP) {
                plans(name, used, policies);
            }
            if (kind instanceof GitHubAppConfig) {
                repositories(name, used, policies);
            }
        });
    }

    private static Map<String, Uses> uses(List<RouteDefinition> routes) {
        Map<String, Uses> uses = new HashMap<>();
        for (RouteDefinition route : routes) {
            for (FilterDefinition filter : route.getFilters()) {
                if ("UpstreamCredential".equals(filter.getName())) {
                    Uses used = uses.computeIfAbsent(
                            RouteRules.first(filter), name -> new Uses(new TreeSet<>(), new TreeSet<>()));
                    String host = host(route.getUri());
                    if (host != null) {
                        used.hosts().add(host);
                    }
                    route.getFilters().stream()
                            .filter(other -> "OperationMapping".equals(other.getName()))
                            .map(RouteRules::prefix)
                            .forEach(used.catalogues()::add);
                }
            }
        }
        return uses;
    }

    /** The prefixes of the operations of the routes with each credential, by its name. */
    static Map<String, Set<String>> catalogues(List<RouteDefinition> routes) {
        return uses(routes).entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> Set.copyOf(entry.getValue().catalogues())));
    }

    private static @Nullable String host(@Nullable URI uri) {
        return uri == null || uri.getHost() == null ? null : uri.getHost().toLowerCase(Locale.ROOT);
    }

    /**
     * Each audience needs a single host: a server could use the credential that it gets at any other server of the same
     * audience.
     */
    private void audiences(Map<String, Uses> uses) {
        Map<String, Map<String, Set<String>>> byAudience = new LinkedHashMap<>();
        perTask.forEach((name, kind) -> {
            String audience = kind.soleAudience();
            if (audience == null) {
                return;
            }
            Set<String> hosts = new TreeSet<>(
                    uses.getOrDefault(name, new Uses(Set.of(), Set.of())).hosts());
            String server = kind.server();
            if (server != null) {
                String host = serverHost(server);
                if (host != null) {
                    hosts = new TreeSet<>(Set.of(host));
                }
            }
            if (hosts.size() > 1) {
                faults.add(
                        yaml.at("errand.upstreams." + name),
                        "'" + name + "' is used by routes to different hosts (" + String.join(", ", hosts)
                                + ") with the audience '" + audience
                                + "': each could use the other's credentials; write an entry with an audience of its own for"
                                + " each host");
            }
            Map<String, Set<String>> others = byAudience.computeIfAbsent(audience, key -> new LinkedHashMap<>());
            for (Map.Entry<String, Set<String>> other : others.entrySet()) {
                if (!hosts.isEmpty() && !other.getValue().isEmpty() && !hosts.equals(other.getValue())) {
                    faults.add(
                            yaml.at("errand.upstreams." + name),
                            "'" + name + "' and '" + other.getKey() + "' have the audience '" + audience
                                    + "' and different hosts (" + String.join(", ", hosts) + "; "
                                    + String.join(", ", other.getValue())
                                    + "): each could use the other's credentials; give each its own audience");
                    break;
                }
            }
            others.put(name, hosts);
        });
    }

    private static @Nullable String serverHost(String server) {
        try {
            return host(URI.create(server));
        } catch (IllegalArgumentException told) {
            return null;
        }
    }

    /**
     * Checks the catalogues: only the rules of a kubernetes catalogue refuse every {@code Impersonate-*} header that a
     * client adds.
     */
    private void impersonation(String name, Uses used, Policies policies) {
        for (String prefix : used.catalogues()) {
            OperationCatalogue catalogue = policies.catalogue(prefix);
            if (catalogue != null && !refusesImpersonation(catalogue.headers())) {
                faults.add(
                        yaml.at("errand.upstreams." + name),
                        "'impersonate' of '" + name + "' is used with the catalogue '" + prefix
                                + "', whose resolver is " + catalogue.resolver()
                                + ": a client could add an Impersonate-* header of its own; use the resolver kubernetes");
            }
        }
    }

    private static boolean refusesImpersonation(HeaderRules rules) {
        return rules.of("Impersonate-User").refuses()
                && rules.of("Impersonate-Extra-anything").refuses();
    }

    private void plans(String name, Uses used, Policies policies) {
        for (Template template : policies.templates().values()) {
            boolean uses = template.grants().tools().keySet().stream()
                    .anyMatch(operation -> used.catalogues().contains(prefix(operation)));
            boolean plan = template.enforced().sequence() instanceof CompiledSequence sequence
                    && sequence.automaton().isPresent();
            if (uses && !plan) {
                faults.add(
                        yaml.at("errand.upstreams." + name),
                        "'when: step' of '" + name + "' needs a plan, and the template '" + template.name()
                                + "' grants operations of it without a 'sequence': write one, or leave 'when' out");
            }
        }
    }

    /** Warns of each template whose tasks get no installation token, unless a start narrows what the template grants. */
    private void repositories(String name, Uses used, Policies policies) {
        for (Template template : policies.templates().values()) {
            Map<String, JsonObject> tools = template.grants().tools();
            List<GrantedOperation> granted = GrantedOperation.of(
                    policies, used.catalogues(), tools.keySet(), id -> Objects.requireNonNull(tools.get(id)));
            boolean uses = tools.keySet().stream()
                    .anyMatch(operation -> used.catalogues().contains(prefix(operation)));
            if (uses && InstallationScope.of(granted, true) instanceof InstallationScope.Outcome.None none) {
                faults.warn(
                        yaml.at("errand.upstreams." + name),
                        "tasks of the template '" + template.name() + "' get no installation token of '" + name
                                + "': it " + none.why());
            }
        }
    }

    private static String prefix(String operation) {
        int colon = operation.indexOf(':');
        return colon < 0 ? operation : operation.substring(0, colon);
    }
}

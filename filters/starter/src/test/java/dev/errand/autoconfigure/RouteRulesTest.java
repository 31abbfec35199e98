package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

class RouteRulesTest {
    private static final List<FilterDefinition> DEFAULTS = List.of(
            new FilterDefinition("TaskIdentity"),
            new FilterDefinition("DelegationChain"),
            new FilterDefinition("TaskLimits"),
            new FilterDefinition("TaskSequence"),
            new FilterDefinition("Provenance"),
            new FilterDefinition("AddResponseHeader=X-Gateway, errand"));
    private static final RouteRules RULES = new RouteRules(Set.of("vault"), Set.of("vault"), Set.of(9090), "10.0.0.5");

    private static RouteDefinition route(String id, String uri, String... filters) {
        RouteDefinition route = new RouteDefinition();
        route.setId(id);
        route.setUri(URI.create(uri));
        route.setPredicates(List.of(new PredicateDefinition("Path=/" + id + "/**")));
        route.setFilters(
                java.util.Arrays.stream(filters).map(FilterDefinition::new).toList());
        return route;
    }

    private static RouteDefinition open(RouteDefinition route) {
        route.setMetadata(Map.of("errand", "open"));
        return route;
    }

    private static List<String> faults(RouteDefinition... routes) {
        return RULES
                .check(java.util.Arrays.stream(routes)
                        .map(route -> RouteRules.withDefaults(route, DEFAULTS))
                        .toList())
                .stream()
                .map(fault -> fault.route() + ": " + fault.message())
                .toList();
    }

    private static List<String> filters(RouteDefinition route) {
        return RouteRules.withDefaults(route, DEFAULTS).getFilters().stream()
                .map(FilterDefinition::getName)
                .toList();
    }

    @Test
    void withDefaults_aNamedFilter_replacesItsDefault() {
        RouteDefinition route = RouteRules.withDefaults(
                route("vault", "http://v", "Provenance=log", "OperationMapping=vault"), DEFAULTS);
        assertThat(route.getFilters().stream().filter(f -> f.getName().equals("Provenance")))
                .singleElement()
                .satisfies(f -> assertThat(f.getArgs()).containsValue("log"));
        assertThat(faults(route)).isEmpty();
    }

    @Test
    void withDefaults_anOpenRouteThatNamesNoStage_getsNone() {
        assertThat(filters(open(route("status", "http://s", "StripPrefix=1"))))
                .containsExactly("AddResponseHeader", "StripPrefix");
    }

    @Test
    void withDefaults_anOpenRouteThatNamesAStage_getsTheOthers() {
        assertThat(filters(open(route("vault", "http://v", "OperationMapping=vault"))))
                .contains("TaskIdentity", "DelegationChain", "OperationMapping", "Provenance");
    }

    @Test
    void check_aRouteWithoutItsOperation_lacksIt() {
        assertThat(faults(route("vault", "http://v")))
                .containsExactly(
                        "vault: lacks OperationMapping: add it, or say metadata: {errand: open} if nobody is to"
                                + " be asked who calls");
    }

    @Test
    void check_anAuthorityThatIsMoreThanHostAndPort_isAFault() {
        RouteDefinition route = route("vault", "http://v", "OperationMapping=vault");
        route.setMetadata(Map.of("errand-cluster", "vault", "errand-authority", "vault.example:8200"));
        assertThat(faults(route)).isEmpty();
        route.setMetadata(Map.of("errand-cluster", "vault", "errand-authority", "https://vault.example/v1"));
        assertThat(faults(route))
                .containsExactly("vault: metadata: {errand-authority: https://vault.example/v1} is no host with or"
                        + " without a port: write HOST:PORT");
    }

    @Test
    void check_anOpenRouteOnHalfItsGround_isRefused() {
        RouteDefinition route = open(route("vault", "http://v", "Provenance"));
        assertThat(faults(route))
                .containsExactly("vault: is open and lacks OperationMapping, which its other stages need: add them,"
                        + " or name no stage");
    }

    @Test
    void check_anOpenRouteWithACredential_isRefused() {
        assertThat(faults(open(route("status", "http://s", "UpstreamCredential=vault"))))
                .containsExactly("status: is open and has UpstreamCredential: an open route may hold no credential");
    }

    @Test
    void check_aSecondUpstreamOfACatalogue_needsAnotherPrefix() {
        RouteDefinition first = route("vault", "http://v", "OperationMapping=vault");
        assertThat(faults(first, route("two", "http://w", "OperationMapping=vault")))
                .singleElement()
                .asString()
                .contains("OperationMapping=vault,as=vault-2");
        assertThat(faults(first, route("two", "http://w", "OperationMapping=vault,as=vault-2")))
                .isEmpty();
        assertThat(faults(first, route("two", "http://v", "OperationMapping=vault")))
                .isEmpty();
    }

    @Test
    void check_aSecondValueThatIsNoPrefix_isAFault() {
        assertThat(faults(route("two", "http://w", "OperationMapping=vault,az=sl")))
                .containsExactly(
                        "two: OperationMapping=vault,az=sl: the second value must be a prefix, as=PREFIX: write as=sl,"
                                + " or remove it");
        assertThat(faults(route("two", "http://w", "OperationMapping=vault,as=az=sl")))
                .containsExactly("two: OperationMapping=vault,as=az=sl: a prefix is lower-case letters, digits and -,"
                        + " and begins with a letter");
        RouteDefinition named = route("two", "http://w");
        FilterDefinition mapping = new FilterDefinition();
        mapping.setName("OperationMapping");
        mapping.setArgs(Map.of("catalogue", "vault", "as", "other"));
        named.setFilters(List.of(mapping));
        assertThat(faults(named)).isEmpty();
    }

    @Test
    void check_ourManagementPort_isNoUpstream() {
        for (String host : List.of("localhost", "127.0.0.1", "127.1.2.3", "[::1]", "0.0.0.0", "10.0.0.5")) {
            assertThat(faults(route("vault", "http://" + host + ":9090", "OperationMapping=vault")))
                    .as(host)
                    .containsExactly("vault: leads to our own management port 9090");
        }
        assertThat(faults(route("vault", "http://10.0.0.6:9090", "OperationMapping=vault")))
                .isEmpty();
    }

    @Test
    void check_aCacheOfAnswers_isRefused() {
        assertThat(faults(route("vault", "http://v", "OperationMapping=vault", "RedirectTo=302, http://v")))
                .containsExactly("vault: has RedirectTo: it answers calls that nobody decided or recorded; remove it");
        assertThat(faults(route("vault", "http://v", "OperationMapping=vault", "LocalResponseCache=1m")))
                .containsExactly(
                        "vault: has LocalResponseCache: it answers calls that nobody decided or recorded; remove it");
    }

    @Test
    void check_spelAndRetry_areRefused() {
        RouteDefinition spel = route("vault", "http://v", "OperationMapping=vault", "AddRequestHeader=X, #{1+1}");
        assertThat(faults(spel))
                .containsExactly("vault: AddRequestHeader has a SpEL expression (#{…}): write its value");
        assertThat(faults(route("vault", "http://v", "OperationMapping=vault", "Retry=3")))
                .containsExactly("vault: has Retry: the gateway sends a call once; remove it");
    }

    @Test
    void prefixes_areThoseOfTheRoutes() {
        assertThat(RouteRules.prefixes(List.of(
                        route("a", "http://v", "OperationMapping=vault"),
                        route("b", "http://w", "OperationMapping=vault,as=vault-2"))))
                .isEqualTo(Map.of("vault", "vault", "vault-2", "vault"));
    }
}

package dev.errand.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import dev.errand.operation.OperationCatalogue;
import dev.errand.template.CatalogueLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.filter.FilterDefinition;
import org.springframework.cloud.gateway.handler.predicate.PredicateDefinition;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** The path by which agents reach a route. */
class RoutePathTest {
    private static String path(String predicate, String... filters) {
        RouteDefinition route = new RouteDefinition();
        route.setPredicates(List.of(new PredicateDefinition("Method=GET,POST"), new PredicateDefinition(predicate)));
        List<FilterDefinition> definitions = new ArrayList<>();
        for (String filter : filters) {
            definitions.add(new FilterDefinition(filter));
        }
        route.setFilters(definitions);
        return RoutePath.of(route, catalogues());
    }

    private static Map<String, OperationCatalogue> catalogues() {
        Map<String, OperationCatalogue> catalogues = new HashMap<>();
        for (String text : List.of(
                "{catalogue: k8s, resolver: kubernetes}", "{catalogue: tools, resolver: jsonrpc, path: /mcp}")) {
            OperationCatalogue read = CatalogueLoader.parse("c.yaml", text, Path.of(""), new Faults());
            assertThat(read).isNotNull();
            catalogues.put(read.name(), read);
        }
        catalogues.put("other", catalogues.get("tools").as("other"));
        return catalogues;
    }

    @ParameterizedTest
    @CsvSource({
        "Path=/k8s/**, /k8s",
        "'Path=/k8s/**,/cluster/**', /k8s",
        "Path=/a/b/**, /a/b",
        "Path=/**, /",
        "Path=/exact, /exact",
        "Path=/a/{name}/**, /a/{name}",
        "Host=k8s.example.org, /"
    })
    void path_isThePatternWithoutItsOpenEnd(String predicate, String path) {
        assertThat(path(predicate, "StripPrefix=1", "OperationMapping=k8s")).isEqualTo(path);
    }

    @ParameterizedTest
    @CsvSource({
        "Path=/tools/**, StripPrefix=1, /tools/mcp",
        "Path=/a/b/**, StripPrefix=2, /a/b/mcp",
        "Path=/a/b/**, StripPrefix=1, /a/b",
        "Path=/mcp/**, AddResponseHeader=x:y, /mcp",
        "Path=/**, AddResponseHeader=x:y, /mcp",
        "Path=/tools/mcp, StripPrefix=1, /tools/mcp",
        "Path=/tools/**, StripPrefix=many, /tools/mcp",
        "Path=/tools/**, 'RewritePath=/tools/(.*),/$1', /tools"
    })
    void path_ofOneEndpoint_isTheEndpoint(String predicate, String filter, String path) {
        assertThat(path(predicate, filter, "OperationMapping=tools,as=other")).isEqualTo(path);
    }

    @Test
    void path_behindAPrefix_isWithoutIt() {
        assertThat(path("Path=/tools/**", "StripPrefix=1", "PrefixPath=/mcp", "OperationMapping=tools"))
                .isEqualTo("/tools");
    }
}

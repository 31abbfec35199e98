package dev.errand.operation.catalogue;

import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Faults;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ShippedCataloguesTest {
    @Test
    void load_everyShippedCatalogue_isWithoutFault() {
        Faults faults = new Faults();
        Catalogues catalogues = CatalogueLoader.load(Path.of("..", "config", "operations"), faults);
        assertThat(faults.list()).isEmpty();
        assertThat(catalogues.byName()).containsKeys("vault", "ci", "k8s");
        assertThat(outcome(catalogues.find("vault").orElseThrow(), request("GET", "/v1/secret/data/ci/pay")))
                .isEqualTo("vault:kv.read on secret/ci/pay");
        assertThat(outcome(catalogues.find("ci").orElseThrow(), request("POST", "/api/v1/pipelines/pay/runs")))
                .isEqualTo("ci:pipeline.trigger on pay");
        assertThat(outcome(catalogues.find("k8s").orElseThrow(), request("GET", "/version")))
                .isEqualTo("k8s:nonresource.get on /version");
    }
}

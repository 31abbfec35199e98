package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import dev.errand.web.Stage;
import dev.errand.web.StageFilter;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code OperationMapping=vault} or {@code OperationMapping=vault,as=vault-staging}: names the operations of a call by
 * the route's catalogue, in the call's revision, and checks them against the leaf's grant. A configured route that
 * names an unknown catalogue does not load. Any other route with an unknown catalogue answers {@code
 * decision-unavailable}.
 */
final class OperationMappingGatewayFilterFactory
        extends AbstractGatewayFilterFactory<OperationMappingGatewayFilterFactory.Config> {
    private final OperationStage stage;

    OperationMappingGatewayFilterFactory(OperationStage stage) {
        super(Config.class);
        this.stage = stage;
    }

    /** The catalogue, and the prefix of its operations. */
    static final class Config {
        private String catalogue = "";
        private String as = "";

        public String getCatalogue() {
            return catalogue;
        }

        public void setCatalogue(String catalogue) {
            this.catalogue = catalogue;
        }

        public String getAs() {
            return as;
        }

        public void setAs(String as) {
            this.as = as.startsWith("as=") ? as.substring(3) : as;
        }
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("catalogue", "as");
    }

    @Override
    public GatewayFilter apply(Config config) {
        String catalogue = config.getCatalogue();
        String prefix = config.getAs().isEmpty() ? catalogue : config.getAs();
        return StageFilter.at(
                FilterOrder.OPERATION,
                Stage.OPERATION_MAPPING,
                prefix,
                (exchange, chain) -> stage.filter(Call.of(exchange, Call.Identified.class), exchange, chain, prefix));
    }
}

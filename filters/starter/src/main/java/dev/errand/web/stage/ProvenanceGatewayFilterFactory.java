package dev.errand.web.stage;

import dev.errand.web.Call;
import dev.errand.web.FilterOrder;
import dev.errand.web.Stage;
import java.util.List;
import org.springframework.cloud.gateway.filter.GatewayFilter;
import org.springframework.cloud.gateway.filter.factory.AbstractGatewayFilterFactory;

/**
 * {@code Provenance}: records the decision before the call is forwarded, and tells the upstream who asked for what. With
 * {@code Provenance=log} it records only: for upstreams outside the trust domain.
 */
final class ProvenanceGatewayFilterFactory extends AbstractGatewayFilterFactory<ProvenanceGatewayFilterFactory.Config> {
    private final ProvenanceStage stage;

    ProvenanceGatewayFilterFactory(ProvenanceStage stage) {
        super(Config.class);
        this.stage = stage;
    }

    /** {@code send} (the default) or {@code log}. */
    static final class Config {
        private String mode = "send";

        public String getMode() {
            return mode;
        }

        public void setMode(String mode) {
            if (!mode.equals("send") && !mode.equals("log")) {
                throw new IllegalArgumentException("Provenance is 'send' or 'log', was '" + mode + "'");
            }
            this.mode = mode;
        }
    }

    @Override
    public List<String> shortcutFieldOrder() {
        return List.of("mode");
    }

    @Override
    public GatewayFilter apply(Config config) {
        boolean send = config.getMode().equals("send");
        return StageStep.at(
                FilterOrder.PROVENANCE,
                Stage.PROVENANCE,
                Call.Permitted.class,
                (call, exchange, chain) -> stage.filter(call, exchange, chain, send));
    }
}

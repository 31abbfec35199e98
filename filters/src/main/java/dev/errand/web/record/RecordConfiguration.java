package dev.errand.web.record;

import dev.errand.provenance.ProvenanceLog;
import dev.errand.upstream.RequestSigner;
import dev.errand.upstream.TxnTokens;
import dev.errand.web.refusal.Answers;
import dev.errand.web.refusal.CallMetrics;
import dev.errand.web.refusal.Records;
import dev.errand.web.refusal.Refusals;
import dev.errand.web.step.Outcomes;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The provenance filter, wired. */
@Configuration(proxyBeanMethods = false)
public class RecordConfiguration {
    @Bean
    ProvenanceGatewayFilterFactory provenanceGatewayFilterFactory(
            ProvenanceLog log,
            Records records,
            TxnTokens tokens,
            RequestSigner signer,
            Outcomes outcomes,
            Refusals refusals,
            Answers answers,
            CallMetrics metrics) {
        return new ProvenanceGatewayFilterFactory(new ProvenanceStage(
                log, records, new UpstreamHeaders(tokens, signer), outcomes, refusals, answers, metrics));
    }
}

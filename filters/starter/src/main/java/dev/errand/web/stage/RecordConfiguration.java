package dev.errand.web.stage;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the provenance filter. */
@Configuration(proxyBeanMethods = false)
@Import({UpstreamHeaders.class, ProvenanceStage.class, ProvenanceGatewayFilterFactory.class})
public class RecordConfiguration {}

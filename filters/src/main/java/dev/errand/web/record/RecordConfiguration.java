package dev.errand.web.record;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** Wires the provenance filter. */
@Configuration(proxyBeanMethods = false)
@Import({UpstreamHeaders.class, ProvenanceStage.class, ProvenanceGatewayFilterFactory.class})
public class RecordConfiguration {}

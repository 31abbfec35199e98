package dev.errand.web.record;

import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The provenance filter, wired. */
@Configuration(proxyBeanMethods = false)
@Import({UpstreamHeaders.class, ProvenanceStage.class, ProvenanceGatewayFilterFactory.class})
public class RecordConfiguration {}

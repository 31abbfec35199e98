package dev.errand.cli;

import dev.errand.autoconfigure.AskedRoutes;
import dev.errand.autoconfigure.AskedRoutes.One;
import dev.errand.autoconfigure.DecisionServiceProperties;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonString;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A complete configuration of Envoy for routes about which it asks Errand by {@code ext_proc}. Immutable.
 *
 * @param listen {@code HOST:PORT}
 * @param certificate the certificate of the listener as a file of PEM; null for plain HTTP
 * @param key its private key
 * @param files finds the file that a {@code file:} value of the configuration names
 */
record EnvoyConfig(
        AskedRoutes asked,
        URI traffic,
        String listen,
        @Nullable String certificate,
        @Nullable String key,
        Function<String, Path> files) {
    private static final String TYPE = "type.googleapis.com/envoy.";
    private static final String DECISIONS = "errand_decisions";
    private static final String TRAFFIC = "errand_traffic";
    private static final int BUFFER_BYTES = 16 << 20;

    /** The text, as YAML. */
    String text() {
        StringBuilder out = new StringBuilder(8192);
        out.append("""
                # Envoy 1.35 or newer. Every request of these routes waits for Errand's decision.
                static_resources:
                  listeners:
                    - name: errand
                      address: {socket_address: %s}
                      per_connection_buffer_limit_bytes: %d
                      filter_chains:
                        - filters:
                            - name: envoy.filters.network.http_connection_manager
                              typed_config:
                                "@type": %sextensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                                stat_prefix: errand
                                # The path stays as the agent sent it. Errand refuses a path that has two readings.
                                normalize_path: false
                                merge_slashes: false
                                path_with_escaped_slashes_action: KEEP_UNCHANGED
                                use_remote_address: true
                                stream_idle_timeout: 3600s
                                upgrade_configs: [{upgrade_type: websocket}]
                                # Some APIs have methods of their own: Vault has LIST.
                                http_protocol_options: {allow_custom_methods: true}
                                http2_protocol_options: {allow_connect: true}
                                route_config:
                                  name: errand
                                  virtual_hosts:
                                    - name: errand
                                      domains: ["*"]
                                      routes:
                """.formatted(address(listen), BUFFER_BYTES, TYPE));
        asked.stays().forEach(prefix -> stays(out, prefix));
        asked.routes().forEach(route -> route(out, route));
        out.append("""
                                http_filters:
                                  - name: envoy.filters.http.ext_proc
                                    typed_config:
                                      "@type": %sextensions.filters.http.ext_proc.v3.ExternalProcessor
                                      grpc_service: {envoy_grpc: {cluster_name: %s}}
                                      # Without an answer of Errand no request passes.
                                      failure_mode_allow: false
                                      disable_immediate_response: false
                                      allow_mode_override: true
                                      message_timeout: 10s
                                      route_cache_action: RETAIN
                                      processing_mode:
                                        request_header_mode: SEND
                                        request_body_mode: BUFFERED
                                        request_trailer_mode: SEND
                                        response_header_mode: SEND
                                        response_body_mode: NONE
                                        response_trailer_mode: SKIP
                                      request_attributes: [xds.cluster_name, xds.route_name, connection.sha256_peer_certificate_digest]
                                      response_attributes: [response.code_details]
                                      mutation_rules: {allow_envoy: true, disallow_is_error: true}
                                  - name: envoy.filters.http.router
                                    typed_config: {"@type": %sextensions.filters.http.router.v3.Router}
                """.formatted(TYPE, DECISIONS, TYPE));
        if (certificate != null) {
            if (asked.service().clientCertificate() == DecisionServiceProperties.ClientCertificate.XFCC) {
                insert(out, "stream_idle_timeout: 3600s", """
                                                forward_client_cert_details: SANITIZE_SET
                                                set_current_client_cert_details: {cert: true}
                                """);
            }
            out.append("""
                              transport_socket:
                                name: envoy.transport_sockets.tls
                                typed_config:
                                  "@type": %sextensions.transport_sockets.tls.v3.DownstreamTlsContext
                                  common_tls_context:
                                    alpn_protocols: [h2, http/1.1]
                                    tls_certificates: [%s]
                                    # Any certificate passes: Errand judges the key.
                                    validation_context: {trust_chain_verification: ACCEPT_UNTRUSTED}
                    """.formatted(TYPE, pair(certificate, String.valueOf(key))));
        }
        out.append("  clusters:\n");
        clusters(out);
        return out.toString();
    }

    private static void insert(StringBuilder out, String after, String line) {
        int end = out.indexOf("\n", out.indexOf(after)) + 1;
        out.insert(end, line);
    }

    private static void stays(StringBuilder out, String prefix) {
        String match = prefix.endsWith("/") ? "prefix" : "path_separated_prefix";
        out.append("""
                                        - match: {%s: %s}
                                          route: {cluster: %s, timeout: 0s}
                                          typed_per_filter_config:
                                            envoy.filters.http.ext_proc:
                                              "@type": %sextensions.filters.http.ext_proc.v3.ExtProcPerRoute
                                              disabled: true
                """.formatted(match, quoted(prefix), TRAFFIC, TYPE));
    }

    private static void route(StringBuilder out, One route) {
        String authority = route.authority();
        out.append("""
                                        - name: %s
                                          match: {%s: %s}
                                          route: {cluster: %s, timeout: 0s%s}
                """.formatted(
                        quoted(route.id()),
                        route.whole() ? "path_separated_prefix" : "prefix",
                        quoted(route.prefix()),
                        quoted(route.cluster()),
                        authority == null ? "" : ", host_rewrite_literal: " + quoted(authority)));
        if (route.streams()) {
            out.append("""
                                              typed_per_filter_config:
                                                envoy.filters.http.ext_proc:
                                                  "@type": %sextensions.filters.http.ext_proc.v3.ExtProcPerRoute
                                                  overrides:
                                                    processing_mode:
                                                      request_header_mode: SEND
                                                      request_body_mode: NONE
                                                      request_trailer_mode: SEND
                                                      response_header_mode: SEND
                                                      response_body_mode: NONE
                                                      response_trailer_mode: SKIP
                    """.formatted(TYPE));
        }
    }

    private void clusters(StringBuilder out) {
        Map<String, URI> upstreams = new LinkedHashMap<>();
        asked.routes().forEach(route -> upstreams.putIfAbsent(route.cluster(), route.upstream()));
        upstreams.forEach((name, uri) -> cluster(out, name, uri));
        cluster(out, TRAFFIC, traffic);
        Path socket = asked.service().socket();
        out.append("    - name: ").append(DECISIONS).append("\n      connect_timeout: 1s\n      type: STATIC\n");
        out.append("""
                      typed_extension_protocol_options:
                        envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                          "@type": %sextensions.upstreams.http.v3.HttpProtocolOptions
                          explicit_http_config: {http2_protocol_options: {}}
                """.formatted(TYPE));
        if (socket != null) {
            endpoint(out, DECISIONS, "pipe: {path: " + quoted(socket.toString()) + '}');
            return;
        }
        insertType(out);
        endpoint(
                out,
                DECISIONS,
                "socket_address: "
                        + address(asked.service().host() + ':' + asked.service().port()));
        DecisionServiceProperties.Identity service =
                Objects.requireNonNull(asked.service().tls()).identity(files);
        String own = certificate == null ? "gateway.pem" : certificate;
        String names = service.names().entrySet().stream()
                .map(name -> "{san_type: " + name.getValue() + ", matcher: {exact: " + quoted(name.getKey()) + "}}")
                .collect(Collectors.joining(", "));
        out.append("""
                      transport_socket:
                        name: envoy.transport_sockets.tls
                        typed_config:
                          "@type": %sextensions.transport_sockets.tls.v3.UpstreamTlsContext
                          sni: %s
                          # Each connection looks at the certificate: a session that is resumed would not.
                          max_session_keys: 0
                          common_tls_context:
                            # The certificate by which Errand knows this gateway: errand.decision-service.tls.names.
                            tls_certificates: [%s]
                            # Its own certificate may be renewed: any of these authorities with one of these names is good.
                            validation_context:
                              trusted_ca: {filename: %s}
                              match_typed_subject_alt_names: [%s]
                """.formatted(
                        TYPE,
                        quoted(asked.service().host()),
                        pair(own, key == null ? "gateway.key" : key),
                        quoted(service.authorities().toString()),
                        names));
    }

    /** The service may be named by a host. */
    private static void insertType(StringBuilder out) {
        int type = out.lastIndexOf("type: STATIC");
        out.replace(type, type + "type: STATIC".length(), "type: STRICT_DNS");
    }

    private static void cluster(StringBuilder out, String name, URI uri) {
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        int port = uri.getPort() < 0 ? tls ? 443 : 80 : uri.getPort();
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        out.append("    - name: ")
                .append(quoted(name))
                .append(
                        "\n      connect_timeout: 2s\n      type: STRICT_DNS\n      per_connection_buffer_limit_bytes: ")
                .append(BUFFER_BYTES)
                .append('\n');
        endpoint(out, name, "socket_address: " + address(host + ':' + port));
        if (tls) {
            out.append("""
                          transport_socket:
                            name: envoy.transport_sockets.tls
                            typed_config:
                              "@type": %sextensions.transport_sockets.tls.v3.UpstreamTlsContext
                              sni: %s
                              auto_sni_san_validation: true
                              common_tls_context:
                                validation_context: {system_root_certs: {}}
                    """.formatted(TYPE, quoted(host)));
        }
    }

    private static void endpoint(StringBuilder out, String name, String address) {
        out.append("      load_assignment:\n        cluster_name: ")
                .append(quoted(name))
                .append("\n        endpoints: [{lb_endpoints: [{endpoint: {address: {")
                .append(address)
                .append("}}}]}]\n");
    }

    private static String address(String hostAndPort) {
        int colon = hostAndPort.lastIndexOf(':');
        return "{address: " + quoted(hostAndPort.substring(0, colon).replaceAll("[\\[\\]]", "")) + ", port_value: "
                + hostAndPort.substring(colon + 1) + '}';
    }

    private static String pair(String certificate, String key) {
        return "{certificate_chain: {filename: " + quoted(certificate) + "}, private_key: {filename: " + quoted(key)
                + "}}";
    }

    private static String quoted(String text) {
        return new String(Jcs.canonicalBytes(new JsonString(text)), StandardCharsets.UTF_8);
    }
}

package dev.errand.demo;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.jsonResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.matching;
import static com.github.tomakehurst.wiremock.client.WireMock.patch;
import static com.github.tomakehurst.wiremock.client.WireMock.patchRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.MappingBuilder;
import com.github.tomakehurst.wiremock.core.WireMockConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.UUID;

/**
 * Stand-ins for a secrets store, a CI server and a Kubernetes apiserver, on loopback. Each answers only a call that has
 * the upstream's own credential and the gateway's transaction token, and no credential of the agent.
 */
final class Upstreams implements AutoCloseable {
    private static final int REFUSAL_PRIORITY = 10;
    private static final String RUN = "{\"run\":42,\"service\":\"payments\",\"status\":\"%s\"}";

    private final WireMockServer vault = server();
    private final WireMockServer ci = server();
    private final WireMockServer k8s = server();

    /** Makes a credential for each upstream, known to it and to the gateway's configuration alone, and starts the upstreams. */
    static Upstreams start(DemoDirectory configuration) throws IOException {
        // WireMock looks for its parts with the thread's class loader, and they may be in a jar that was added later.
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(Upstreams.class.getClassLoader());
        Upstreams upstreams = new Upstreams();
        try {
            upstreams.serveVault(credential(configuration, "vault-token"));
            upstreams.serveCi(credential(configuration, "ci-token"));
            upstreams.serveK8s(credential(configuration, "k8s-token"));
            return upstreams;
        } catch (IOException | RuntimeException e) {
            upstreams.close();
            throw e;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** The properties by which the configuration's routes lead to these upstreams. */
    List<String> properties() {
        return List.of("--vault.uri=" + vault.baseUrl(), "--ci.uri=" + ci.baseUrl(), "--k8s.uri=" + k8s.baseUrl());
    }

    /** The transaction tokens that came to the Kubernetes apiserver with a patch. */
    List<String> transactionsOfPatches() {
        return k8s.findAll(patchRequestedFor(anyUrl())).stream()
                .map(request -> String.valueOf(request.getHeader("Txn-Token")))
                .toList();
    }

    private void serveVault(String token) {
        vault.start();
        vault.stubFor(ours(get(urlPathMatching("/v1/secret/data/.+")))
                .withHeader("X-Vault-Token", equalTo(token))
                .willReturn(jsonResponse(
                        "{\"request_id\":\"5f2c\",\"data\":{\"data\":{\"username\":\"payments\",\"password\":\"correct-horse\"},"
                                + "\"metadata\":{\"version\":3}}}",
                        200)));
        refuse(vault, "{\"errors\":[\"permission denied\"]}");
    }

    private void serveCi(String token) {
        ci.start();
        ci.stubFor(ours(post(urlPathMatching("/api/v1/pipelines/[^/]+/runs")))
                .withHeader("Authorization", equalTo("Bearer " + token))
                .willReturn(jsonResponse(RUN.formatted("queued"), 201)));
        ci.stubFor(ours(get(urlPathMatching("/api/v1/pipelines/[^/]+/runs/42")))
                .withHeader("Authorization", equalTo("Bearer " + token))
                .inScenario("run")
                .whenScenarioStateIs("Started")
                .willReturn(jsonResponse(RUN.formatted("running"), 200))
                .willSetStateTo("done"));
        ci.stubFor(ours(get(urlPathMatching("/api/v1/pipelines/[^/]+/runs/42")))
                .withHeader("Authorization", equalTo("Bearer " + token))
                .inScenario("run")
                .whenScenarioStateIs("done")
                .willReturn(jsonResponse(RUN.formatted("success"), 200)));
        refuse(ci, "{\"message\":\"token is required\"}");
    }

    private void serveK8s(String token) {
        k8s.start();
        k8s.stubFor(ours(patch(urlPathMatching("/apis/apps/v1/namespaces/[^/]+/deployments/[^/]+")))
                .withHeader("Authorization", equalTo("Bearer " + token))
                .willReturn(jsonResponse(
                        "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"payments\","
                                + "\"namespace\":\"staging\",\"generation\":8}}",
                        200)));
        refuse(
                k8s,
                "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"Forbidden\",\"code\":403}");
    }

    private static MappingBuilder ours(MappingBuilder call) {
        return call.withHeader("Txn-Token", matching(".+"))
                .withHeader("Signature-Input", matching("errand=.+"))
                .withHeader("DPoP", absent())
                .withHeader("Delegation-Chain", absent());
    }

    private static void refuse(WireMockServer server, String body) {
        server.stubFor(any(anyUrl()).atPriority(REFUSAL_PRIORITY).willReturn(jsonResponse(body, 403)));
    }

    private static String credential(DemoDirectory configuration, String name) throws IOException {
        String credential = UUID.randomUUID().toString();
        configuration.write("credentials/" + name, credential + "\n");
        return credential;
    }

    private static WireMockServer server() {
        return new WireMockServer(WireMockConfiguration.options()
                .dynamicPort()
                .bindAddress("127.0.0.1")
                .containerThreads(8)
                .maxRequestJournalEntries(500));
    }

    @Override
    public void close() {
        vault.stop();
        ci.stop();
        k8s.stop();
    }
}

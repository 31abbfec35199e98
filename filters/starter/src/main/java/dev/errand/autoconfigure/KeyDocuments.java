package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.trust.HttpFetch;
import dev.errand.trust.JwkSet;
import dev.errand.trust.KeySources;
import dev.errand.trust.LiveDocument;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import dev.errand.trust.RefreshPolicy;
import dev.errand.trust.TrustBundle;
import dev.errand.trust.WorkloadApiBundle;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens the key sets and bundles that the configuration names, by file or address. */
public final class KeyDocuments {
    private static final HttpFetch HTTP = new HttpFetch();

    private KeyDocuments() {}

    public static LiveDocument<JwkSet> jwks(ErrandProperties properties, String key, String value) {
        if (!value.startsWith("file:")) {
            return KeySources.url(address(key, value), HTTP, RefreshPolicy.DEFAULT);
        }
        Path file = existing(properties, key, value);
        try {
            return KeySources.file(file);
        } catch (MalformedDocumentException e) {
            throw ConfigurationException.of(key + ": " + file + ": " + e.getMessage());
        }
    }

    public static LiveDocument<JwkSet> discovered(String issuer) {
        address("errand.trust.humans", issuer);
        return KeySources.discovery(issuer, HTTP, RefreshPolicy.DEFAULT);
    }

    public static LiveDocument<TrustBundle> bundle(ErrandProperties properties, ErrandProperties.Workloads workloads) {
        String key = "errand.trust.workloads";
        if (workloads.bundle().startsWith("https:")) {
            return BundleSources.endpoint(
                    workloads.trustDomain(), address(key, workloads.bundle()), HTTP, RefreshPolicy.DEFAULT);
        }
        if (workloads.bundle().equals("workload-api")) {
            return workloadApi(key, workloads.trustDomain());
        }
        Path file = existing(properties, key, workloads.bundle());
        try {
            return BundleSources.file(workloads.trustDomain(), file);
        } catch (MalformedDocumentException e) {
            throw ConfigurationException.of(key + ": " + file + ": " + e.getMessage());
        }
    }

    /**
     * The bundle from the SPIFFE Workload API. The socket's address is in the environment (SPIFFE Workload Endpoint
     * section 4).
     */
    private static LiveDocument<TrustBundle> workloadApi(String key, String trustDomain) {
        String socket = System.getenv("SPIFFE_ENDPOINT_SOCKET");
        if (socket == null) {
            throw ConfigurationException.of(
                    key + ": workload-api needs the address of the Workload API in SPIFFE_ENDPOINT_SOCKET,"
                            + " unix:/… or tcp://…");
        }
        try {
            return new WorkloadApiBundle(trustDomain, socket, WorkloadApiBundle.POLICY);
        } catch (IllegalArgumentException e) {
            throw ConfigurationException.of(key + ": " + e.getMessage());
        }
    }

    private static Path existing(ErrandProperties properties, String key, String value) {
        Path file = properties.file(value);
        if (!Files.isReadable(file)) {
            throw ConfigurationException.of(
                    key + ": " + file + " does not exist or cannot be read: put the public keys there");
        }
        return file;
    }

    private static URI address(String key, String value) {
        return WebAddress.parse(key, value, "file:…, https://…");
    }
}

package dev.errand.agent;

import dev.errand.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** The text of configuration files of tools. All values in them are the companion's own, so nothing needs escaping. */
final class ToolFiles {
    private ToolFiles() {}

    /**
     * One cluster and one context, both called {@code errand}, with the listener's token. JSON is YAML. The address is https,
     * since kubectl shows its token to no other.
     */
    static byte[] kubeconfig(RootAddress cluster) {
        JsonWriter json = new JsonWriter().object().member("apiVersion", "v1").member("kind", "Config");
        json.member("current-context", "errand");
        json.name("clusters")
                .array()
                .elementObject()
                .member("name", "errand")
                .name("cluster")
                .object();
        json.member("server", "https://" + cluster.hostPort());
        if (cluster.authority() != null) {
            byte[] pem = cluster.authority().getBytes(StandardCharsets.US_ASCII);
            json.member("certificate-authority-data", Base64.getEncoder().encodeToString(pem));
        }
        json.end().end().endArray();
        json.name("contexts")
                .array()
                .elementObject()
                .member("name", "errand")
                .name("context")
                .object();
        json.member("cluster", "errand").member("user", "errand").end().end().endArray();
        json.name("users")
                .array()
                .elementObject()
                .member("name", "errand")
                .name("user")
                .object()
                .member("token", cluster.password());
        return json.end().end().endArray().end().toBytes();
    }

    /** The passwords of registries, as docker, podman, skopeo and oras read them. */
    static byte[] registryAuthorisation(List<RootAddress> registries) {
        JsonWriter json = new JsonWriter().object().name("auths").object();
        for (RootAddress registry : registries) {
            String pair = registry.user() + ":" + registry.password();
            String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
            json.foreignName(registry.hostPort()).object().member("auth", basic).end();
        }
        return json.end().end().toBytes();
    }

    /** The content of a containers-registries.conf, version 2: for each registry, whether it may speak plain HTTP. */
    static String registries(List<RootAddress> registries, boolean insecure) {
        StringBuilder toml = new StringBuilder();
        for (RootAddress registry : registries) {
            toml.append("[[registry]]\nlocation = \"")
                    .append(registry.hostPort())
                    .append("\"\n");
            toml.append("insecure = ").append(insecure).append('\n');
        }
        return toml.toString();
    }
}

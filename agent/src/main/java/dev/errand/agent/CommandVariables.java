package dev.errand.agent;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The environment variables that the companion sets for COMMAND. */
final class CommandVariables {
    /** Hosts that are reached without a proxy. */
    static final String LOCAL = "127.0.0.1,localhost";

    /** The variables that name hosts without a proxy. */
    static final List<String> UNPROXIED = List.of("NO_PROXY", "no_proxy");

    private CommandVariables() {}

    /**
     * The variables, by name.
     *
     * @param inherited the companion's own environment; empty if COMMAND will not have that
     */
    public static Map<String, String> of(
            CommandAddresses addresses, PrivateFiles files, Map<String, String> inherited) {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("ERRAND_AGENT", addresses.agent());
        set.put("ERRAND_TASK", addresses.task());
        if (addresses.isUnix()) {
            return set;
        }
        for (TaskRoute route : addresses.routes()) {
            set.put("ERRAND_ROUTE_" + route.variable(), addresses.agent() + route.path());
        }
        for (RootAddress root : addresses.roots()) {
            set.put("ERRAND_LISTEN_" + root.route().variable(), root.hostPort());
            if (!root.route().isS3()) {
                set.put("ERRAND_PASSWORD_" + root.route().variable(), root.password());
            }
        }
        if (addresses.derive() != null) {
            set.put("ERRAND_DERIVE", addresses.derive());
        }
        kubernetes(addresses, files, set);
        s3(addresses, set);
        addresses.route(TaskRoute::isVault).ifPresent(route -> {
            set.put("VAULT_ADDR", addresses.agent() + route.path());
            set.put("BAO_ADDR", addresses.agent() + route.path());
        });
        registries(addresses, files, set);
        AuthorityFiles.of(addresses.authority(), files, inherited, set);
        for (String name : UNPROXIED) {
            String before = inherited.getOrDefault(name, "");
            set.put(name, before.isBlank() ? LOCAL : before + "," + LOCAL);
        }
        return set;
    }

    private static void kubernetes(CommandAddresses addresses, PrivateFiles files, Map<String, String> set) {
        addresses
                .root(TaskRoute::isKubernetes)
                .ifPresent(root -> set.put(
                        "KUBECONFIG",
                        files.write("kubeconfig", ToolFiles.kubeconfig(root)).toString()));
    }

    private static void s3(CommandAddresses addresses, Map<String, String> set) {
        addresses.root(TaskRoute::isS3).ifPresent(root -> {
            set.put("AWS_ENDPOINT_URL_S3", (addresses.isTls() ? "https://" : "http://") + root.hostPort());
            set.put("AWS_ACCESS_KEY_ID", root.user());
            set.put("AWS_SECRET_ACCESS_KEY", root.password());
            set.put("AWS_REGION", "us-east-1");
            set.put("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required");
            set.put("AWS_MAX_ATTEMPTS", "1");
        });
    }

    private static void registries(CommandAddresses addresses, PrivateFiles files, Map<String, String> set) {
        List<RootAddress> registries =
                addresses.roots().stream().filter(root -> root.route().isOci()).toList();
        if (registries.isEmpty()) {
            return;
        }
        Path docker = files.write("docker/config.json", ToolFiles.registryAuthorisation(registries));
        Path folder = docker.getParent();
        set.put("REGISTRY_AUTH_FILE", docker.toString());
        set.put("DOCKER_CONFIG", String.valueOf(folder));
        String conf = ToolFiles.registries(registries, !addresses.isTls());
        set.put(
                "CONTAINERS_REGISTRIES_CONF",
                files.write("registries.conf", conf).toString());
    }
}

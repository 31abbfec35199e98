package dev.errand.agent;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The whole environment of COMMAND: the companion's own, without variables that lead past the companion, and with those
 * that the companion sets.
 */
final class CommandEnvironment {
    /** Variables that a companion above this one may have set. They would lead to the wider token of that companion. */
    private static final Set<String> OF_A_COMPANION = Set.of(
            "KUBECONFIG",
            "AWS_ENDPOINT_URL_S3",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "VAULT_ADDR",
            "BAO_ADDR",
            "REGISTRY_AUTH_FILE",
            "DOCKER_CONFIG",
            "CONTAINERS_REGISTRIES_CONF");

    private CommandEnvironment() {}

    /**
     * The environment.
     *
     * @param keep whether variables that are already set stay, except for the companion's own
     */
    public static Map<String, String> of(Map<String, String> inherited, Map<String, String> set, boolean keep) {
        Map<String, String> all = new TreeMap<>(inherited);
        if (inherited.containsKey("ERRAND_AGENT")) {
            all.keySet().removeAll(OF_A_COMPANION);
        }
        all.keySet().removeIf(CommandEnvironment::isOurs);
        set.forEach((name, value) -> {
            boolean stays = keep && all.containsKey(name) && !name.equalsIgnoreCase("no_proxy");
            if (!stays) {
                all.put(name, value);
            }
        });
        return all;
    }

    private static boolean isOurs(String name) {
        return name.equals("ERRAND_AGENT")
                || name.equals("ERRAND_TASK")
                || name.equals("ERRAND_DERIVE")
                || name.equals("ERRAND_CA")
                || name.startsWith("ERRAND_ROUTE_")
                || name.startsWith("ERRAND_LISTEN_")
                || name.startsWith("ERRAND_PASSWORD_");
    }
}

package dev.errand.load;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.json.Jcs;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/**
 * Completes a copy of {@code load-tests/config}: makes the keys that the gateway is to trust, private halves beside the
 * public ones, and prints two free ports. {@code errand.load.templates} adds so many operations to the catalogue,
 * {@code errand.load.routes} puts so many routes before the one that matches, {@code errand.load.plans} (10,100) adds a
 * template {@code plan-N} for each length: a plan of N steps, gone through again and again.
 */
final class LoadConfig {
    static final String IDP_KEY = "idp-load";
    static final String WORKLOADS_KEY = "workloads-load";

    private LoadConfig() {}

    public static void main(String[] arguments) throws IOException, GeneralSecurityException {
        Path directory = Path.of(arguments[0]);
        JsonObject idp = key(directory.resolve("idp.jwk"), KeyAlgorithm.ED25519, Map.of("kid", IDP_KEY, "use", "sig"));
        write(directory.resolve("idp.jwks"), keys(idp, Map.of()));
        JsonObject workloads = key(
                directory.resolve("workloads.jwk"),
                KeyAlgorithm.ES256,
                Map.of("kid", WORKLOADS_KEY, "use", "jwt-svid"));
        write(directory.resolve("example.org.json"), keys(workloads, Map.of("spiffe_sequence", JsonNumber.of(1))));
        int templates = Integer.getInteger("errand.load.templates", 0);
        if (templates > 0) {
            StringBuilder more = new StringBuilder();
            for (int i = 0; i < templates; i++) {
                more.append("  - {id: op")
                        .append(i)
                        .append(".get, match: {method: GET, path: \"/group")
                        .append(i);
                more.append("/items/{id}/parts/{part+}\"}, effect: read, resource: \"group")
                        .append(i);
                more.append("/{id}/{part}\"}\n");
            }
            Files.writeString(
                    directory.resolve("operations/vault.yaml"), more, java.nio.file.StandardOpenOption.APPEND);
        }
        routes(directory.resolve("application.yaml"), Integer.getInteger("errand.load.routes", 0));
        String plans = System.getProperty("errand.load.plans", "");
        for (String steps : plans.isEmpty() ? new String[0] : plans.split(",")) {
            plan(directory.resolve("tasks"), Integer.parseInt(steps));
        }
        try (ServerSocket traffic = free();
                ServerSocket management = free()) {
            System.out.println(traffic.getLocalPort() + " " + management.getLocalPort());
        }
    }

    private static void routes(Path application, int more) throws IOException {
        StringBuilder before = new StringBuilder("  routes:\n");
        for (int i = 0; i < more; i++) {
            before.append("    - {id: other").append(i).append(", uri: \"${upstream.uri:http://127.0.0.1:8200}\"");
            before.append(", predicates: [Path=/other").append(i).append("/**]");
            before.append(", filters: [StripPrefix=1, OperationMapping=vault, UpstreamCredential=vault]}\n");
        }
        replace(application, application, "  routes:\n", before.toString());
    }

    private static void plan(Path tasks, int steps) throws IOException {
        Path file = tasks.resolve("plan-" + steps + ".yaml");
        replace(tasks.resolve("load.yaml"), file, "template: load\n", "template: plan-" + steps + "\n");
        String repeated =
                "  - {times: 1..*, repeat: [" + String.join(", ", Collections.nCopies(steps, "vault:kv.read")) + "]}\n";
        replace(file, file, "  - vault:kv.read: 1..*\n", repeated);
    }

    private static void replace(Path from, Path to, String old, String changed) throws IOException {
        String text = Files.readString(from);
        if (!text.contains(old)) {
            throw new IOException(from + " has no " + old.strip());
        }
        Files.writeString(to, text.replace(old, changed));
    }

    private static ServerSocket free() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    private static JsonObject key(Path file, KeyAlgorithm algorithm, Map<String, String> members)
            throws IOException, GeneralSecurityException {
        JsonObject jwk = algorithm.generate();
        write(file, jwk);
        return Signer.of(algorithm, jwk).publicJwkWith(members);
    }

    private static JsonObject keys(JsonObject key, Map<String, JsonValue> members) {
        Map<String, JsonValue> set = new java.util.LinkedHashMap<>(members);
        set.put("keys", new JsonArray(List.of(key)));
        return new JsonObject(set);
    }

    private static void write(Path file, JsonObject content) throws IOException {
        Files.write(file, Jcs.canonicalBytes(content));
    }
}

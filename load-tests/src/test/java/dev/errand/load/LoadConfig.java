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
import java.util.List;
import java.util.Map;

/**
 * Completes a copy of {@code load-tests/config}: makes the keys that the gateway is to trust, private halves beside the
 * public ones, and prints two free ports. {@code errand.load.templates} adds so many operations to the catalogue.
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
        try (ServerSocket traffic = free();
                ServerSocket management = free()) {
            System.out.println(traffic.getLocalPort() + " " + management.getLocalPort());
        }
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

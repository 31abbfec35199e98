package dev.errand.autoconfigure;

import dev.errand.json.JsonValue.JsonBoolean;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.trust.JwkSet;
import dev.errand.trust.LiveDocument.MalformedDocumentException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds entries that trust the key of a first run, which has a member {@code errand_dev: true}. The private half of
 * such a key lies beside the configuration, so it is safe only if no other machine reaches the gateway. Reads
 * files; thread-safe.
 */
public final class DevTrust {
    private static final String MEMBER = "errand_dev";
    private static final int MAX_BYTES = 1 << 20;

    private DevTrust() {}

    /**
     * An entry that trusts such a key.
     *
     * @param path the entry's key in {@code application.yaml}
     * @param message what is wrong and what to do
     */
    record Entry(String path, String message) {}

    /**
     * The entries that trust such a key although other machines reach the gateway; empty if they do not.
     *
     * @param serverAddress {@code server.address}; null for every address of the machine
     */
    static List<Entry> beyondLoopback(ErrandProperties properties, @Nullable String serverAddress) {
        boolean listens = OperatorAddress.isLoopback(serverAddress);
        boolean named = isLoopback(properties.issuer());
        if (listens && named) {
            return List.of();
        }
        String why = listens
                ? "the host of errand.issuer is not loopback"
                : "server.address is "
                        + (serverAddress == null ? "not set, so every machine reaches it" : serverAddress);
        List<Entry> entries = new ArrayList<>();
        look(properties, why, entries);
        return entries;
    }

    /**
     * Whether people sign in by such a key: {@code errand.console.login} names the issuer of an entry that trusts one, no other machine
     * reaches the traffic port or the operator port, and the private half is there.
     *
     * @param serverAddress {@code server.address}
     * @param operatorAddress {@code management.server.address}
     */
    public static boolean signsIn(
            ErrandProperties properties, @Nullable String serverAddress, @Nullable String operatorAddress) {
        ConsoleProperties.Login login = properties.console().login();
        return login != null
                && OperatorAddress.isLoopback(serverAddress)
                && OperatorAddress.isLoopback(operatorAddress)
                && isLoopback(properties.issuer())
                && Files.isRegularFile(properties.directory().resolve("dev/idp.jwk"))
                && properties.trust().humans().stream()
                        .filter(human -> human.issuer().equals(login.issuer()))
                        .anyMatch(human -> human.jwks() != null
                                && human.jwks().startsWith("file:")
                                && holdsDevKey(properties.file(human.jwks())));
    }

    /** Whether the configuration is that of a first run: it trusts such a key. */
    static boolean isDev(ErrandProperties properties) {
        List<Entry> entries = new ArrayList<>();
        look(properties, "", entries);
        return !entries.isEmpty();
    }

    private static void look(ErrandProperties properties, String why, List<Entry> entries) {
        ErrandProperties.Trust trust = properties.trust();
        for (int i = 0; i < trust.humans().size(); i++) {
            look(
                    properties,
                    "errand.trust.humans[" + i + "]",
                    trust.humans().get(i).jwks(),
                    why,
                    entries);
        }
        for (int i = 0; i < trust.workloads().size(); i++) {
            look(
                    properties,
                    "errand.trust.workloads[" + i + "]",
                    trust.workloads().get(i).bundle(),
                    why,
                    entries);
        }
        for (int i = 0; i < trust.anchors().size(); i++) {
            look(
                    properties,
                    "errand.trust.anchors[" + i + "]",
                    trust.anchors().get(i).jwks(),
                    why,
                    entries);
        }
    }

    private static boolean isLoopback(String issuer) {
        try {
            String host = URI.create(issuer).getHost();
            return host != null && OperatorAddress.isLoopback(host.replaceAll("[\\[\\]]", ""));
        } catch (IllegalArgumentException noIdentifier) {
            return false; // reported at the key itself
        }
    }

    private static void look(
            ErrandProperties properties, String path, @Nullable String document, String why, List<Entry> entries) {
        if (document == null || !document.startsWith("file:") || !holdsDevKey(properties.file(document))) {
            return;
        }
        entries.add(new Entry(
                path,
                document + " holds a dev key (errand_dev), by which whoever reads dev/ can sign, and " + why
                        + ": trust the keys of your own provider, or write server.address: 127.0.0.1 and an errand.issuer"
                        + " of this machine, such as http://127.0.0.1:8080"));
    }

    private static boolean holdsDevKey(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                return false;
            }
            for (JsonObject key : JwkSet.entries(Files.readAllBytes(file))) {
                if (new JsonBoolean(true).equals(key.get(MEMBER))) {
                    return true;
                }
            }
            return false;
        } catch (IOException | MalformedDocumentException toldElsewhere) {
            return false;
        }
    }
}

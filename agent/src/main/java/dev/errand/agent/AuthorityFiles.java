package dev.errand.agent;

import dev.errand.holder.AgentException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The variables that name files of trusted authorities. For each of them, COMMAND gets a new file: the authorities that
 * it trusted before, and the authority of the listeners.
 */
final class AuthorityFiles {
    private static final List<String> BUNDLES =
            List.of("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE");

    /** The files in which systems keep the authorities that they trust. */
    private static final List<String> SYSTEM = List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem");

    private static final String NODE = "NODE_EXTRA_CA_CERTS";

    private AuthorityFiles() {}

    /** Whether the variable of this name leads to a file of trusted authorities. */
    static boolean names(String name) {
        return name.equals(NODE) || BUNDLES.contains(name);
    }

    /** Sets the variables, if the listeners speak TLS. */
    static void of(
            @Nullable Path authority, PrivateFiles files, Map<String, String> inherited, Map<String, String> set) {
        if (authority == null) {
            return;
        }
        set.put("ERRAND_CA", authority.toString());
        String ours = read(authority);
        Map<String, Path> written = new HashMap<>();
        for (String name : BUNDLES) {
            String before = inherited.getOrDefault(name, "");
            Path bundle = written.computeIfAbsent(before, named -> {
                String trusted = Files.isRegularFile(Path.of(named)) ? read(Path.of(named)) : system();
                return files.write("ca/" + name + ".pem", trusted.stripTrailing() + "\n" + ours);
            });
            set.put(name, bundle.toString());
        }
        String node = inherited.getOrDefault(NODE, "");
        String more = Files.isRegularFile(Path.of(node)) ? read(Path.of(node)).stripTrailing() + "\n" : "";
        set.put(NODE, files.write("ca/" + NODE + ".pem", more + ours).toString());
    }

    private static String system() {
        for (String file : SYSTEM) {
            if (Files.isRegularFile(Path.of(file))) {
                return read(Path.of(file));
            }
        }
        try {
            StringBuilder pem = new StringBuilder();
            for (X509Certificate certificate : ClientTrust.ofTheJvm()) {
                String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded());
                pem.append("-----BEGIN CERTIFICATE-----\n").append(text).append("\n-----END CERTIFICATE-----\n");
            }
            return pem.toString();
        } catch (GeneralSecurityException e) {
            throw new AgentException("the trusted authorities cannot be read: " + e.getMessage());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AgentException(file + ": cannot be read");
        }
    }
}

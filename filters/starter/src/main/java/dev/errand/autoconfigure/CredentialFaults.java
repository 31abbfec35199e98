package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.config.Faults;
import dev.errand.credential.CredentialConfig;
import dev.errand.credential.TaskCredentialConfig;
import dev.errand.jose.CredentialKeys;
import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.KeyRing;
import dev.errand.template.Policies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.gateway.route.RouteDefinition;

/** Checks the credentials of tasks, each fault at its key. Reads the files of keys; for one thread. */
record CredentialFaults(ErrandProperties properties, SpringYaml yaml, Faults faults) {
    private static final String KEYS = "errand.credential-keys";

    /** The keys for the credentials of tasks; null if none are configured. */
    public static @Nullable CredentialKeys keys(ErrandProperties properties) throws KeyFileException {
        String file = properties.credentialKeys();
        return file == null ? null : CredentialKeys.load(properties.file(file));
    }

    /** Adds every fault and warning. The routes already have their default filters. */
    public void check(List<RouteDefinition> routes, Policies policies) {
        TreeMap<String, TaskCredentialConfig> perTask = new TreeMap<>();
        properties.upstreams().forEach((name, entry) -> {
            CredentialConfig kind = kind(name, entry);
            if (kind == null) {
                return;
            }
            kind.check(
                    CredentialConfiguration.opening(properties, name),
                    (key, message) -> faults.add(yaml.at(path(name) + '.' + key), message));
            if (kind instanceof TaskCredentialConfig one && one.isPerTask()) {
                perTask.put(name, one);
            }
        });
        issuer();
        keyFile(perTask);
        new CredentialRoutes(perTask, yaml, faults).check(routes, policies);
    }

    private static String path(String name) {
        return "errand.upstreams." + name;
    }

    private static @Nullable CredentialConfig kind(String name, ErrandProperties.Upstream entry) {
        try {
            return CredentialConfiguration.kind(name, entry);
        } catch (ConfigurationException told) {
            return null;
        }
    }

    private void issuer() {
        String issuer = properties.credentialIssuer();
        if (issuer != null) {
            try {
                IssuerName.check(issuer);
            } catch (ConfigurationException told) {
                faults.add(yaml.at("errand.credential-issuer"), String.valueOf(told.getMessage()));
            }
        }
        if (properties.credentialKeys() != null
                && properties.credentialsIssuer().startsWith("http:")) {
            faults.warn(
                    yaml.at(issuer == null ? "errand.issuer" : "errand.credential-issuer"),
                    "the credentials' issuer '" + properties.credentialsIssuer()
                            + "' is http: apiservers and STS read keys over https only");
        }
    }

    private void keyFile(TreeMap<String, TaskCredentialConfig> perTask) {
        if (properties.credentialKeys() == null) {
            perTask.forEach((name, kind) -> {
                if (kind.isSigned()) {
                    faults.add(
                            yaml.at(path(name)),
                            "'" + path(name)
                                    + "' needs a key of its own: make one with: errand keys new FILE --credential,"
                                    + " and name it under 'errand.credential-keys'");
                }
            });
            return;
        }
        try {
            CredentialKeys keys = keys(properties);
            if (keys != null) {
                judge(keys);
            }
        } catch (KeyFileException e) {
            faults.add(yaml.at(KEYS), relative(String.valueOf(e.getMessage())));
        }
    }

    private void judge(CredentialKeys keys) {
        if (keys.signingKey().algorithm().equals(KeyAlgorithm.ED25519.jws())) {
            faults.warn(
                    yaml.at(KEYS),
                    "credentials are signed by an Ed25519 key, which STS and apiservers do not read: make an ES256 key with:"
                            + " errand keys new FILE --credential");
        }
        Path file = properties.file(properties.keys());
        if (!Files.exists(file)) {
            return;
        }
        try {
            Set<String> shared = keys.sharedWith(KeyRing.load(file));
            if (!shared.isEmpty()) {
                faults.add(
                        yaml.at(KEYS),
                        "the key " + String.join(", ", shared)
                                + " is one of errand.keys too: whoever trusts credentials would trust root tokens; make another"
                                + " with: errand keys new FILE --credential");
            }
        } catch (KeyFileException told) {
            // reported at errand.keys
        }
    }

    private String relative(String message) {
        Path directory = properties.directory().toAbsolutePath().normalize();
        return message.replace(directory + "/", "");
    }
}

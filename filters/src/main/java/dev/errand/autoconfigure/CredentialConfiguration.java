package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.upstream.credential.CredentialConfig;
import dev.errand.upstream.credential.UpstreamCredential;
import dev.errand.upstream.credential.UpstreamCredentials;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import reactor.netty.http.client.HttpClient;

/** Opens the credentials that upstreams want. */
final class CredentialConfiguration {
    private CredentialConfiguration() {}

    /** The credential of one entry under {@code errand.upstreams}. */
    static UpstreamCredential open(ErrandProperties properties, String name, ErrandProperties.Upstream upstream) {
        try {
            return UpstreamCredentials.of(config(properties, name, upstream), HttpClient.create());
        } catch (RuntimeException e) {
            throw ConfigurationException.of("errand.upstreams." + name + ": " + e.getMessage());
        }
    }

    /** The headers that the credential of that name writes, in lower case; none where it cannot be made. */
    static Set<String> headerNames(ErrandProperties properties, String name) {
        ErrandProperties.Upstream upstream = properties.upstreams().get(name);
        try {
            return upstream == null
                    ? Set.of()
                    : open(properties, name, upstream).headerNames();
        } catch (ConfigurationException told) {
            return Set.of();
        }
    }

    /** Whether the configuration names one kind whose files are there; they are read at the first call. */
    static void check(ErrandProperties properties, String name, ErrandProperties.Upstream upstream) {
        for (Path file : files(config(properties, name, upstream))) {
            if (!Files.isReadable(file)) {
                throw ConfigurationException.of("errand.upstreams." + name + ": " + file
                        + " does not exist or cannot be read: put the credential there");
            }
        }
    }

    private static List<Path> files(CredentialConfig config) {
        if (config instanceof CredentialConfig.Header header) {
            return List.of(header.file());
        } else if (config instanceof CredentialConfig.Bearer bearer) {
            return List.of(bearer.file());
        } else if (config instanceof CredentialConfig.VaultLogin login) {
            return List.of(login.jwtFile());
        } else if (config instanceof CredentialConfig.SigV4 sigV4) {
            return List.of(sigV4.credentialsFile());
        } else if (config instanceof CredentialConfig.ClientCertificate certificate) {
            return List.of(certificate.certificate(), certificate.key());
        }
        return List.of();
    }

    private static CredentialConfig config(
            ErrandProperties properties, String name, ErrandProperties.Upstream upstream) {
        List<CredentialConfig> kinds = new ArrayList<>();
        if (upstream.header() != null) {
            kinds.add(new CredentialConfig.Header(
                    upstream.header().name(), properties.file(upstream.header().file())));
        }
        if (upstream.bearer() != null) {
            kinds.add(new CredentialConfig.Bearer(
                    properties.file(upstream.bearer().file())));
        }
        if (upstream.vaultLogin() != null) {
            ErrandProperties.VaultLogin login = upstream.vaultLogin();
            kinds.add(new CredentialConfig.VaultLogin(
                    vault("errand.upstreams." + name + ": vault-login.url", login.url()),
                    login.role(),
                    properties.file(login.jwtFile()),
                    login.mount()));
        }
        if (upstream.sigv4() != null) {
            ErrandProperties.SigV4 sigv4 = upstream.sigv4();
            kinds.add(new CredentialConfig.SigV4(
                    sigv4.region(), sigv4.service(), properties.file(sigv4.credentialsFile())));
        }
        if (upstream.clientCertificate() != null) {
            ErrandProperties.ClientCertificate certificate = upstream.clientCertificate();
            kinds.add(new CredentialConfig.ClientCertificate(
                    properties.file(certificate.certificate()),
                    properties.file(certificate.key()),
                    certificate.authorities() == null ? null : properties.file(certificate.authorities())));
        }
        if (kinds.size() != 1) {
            throw ConfigurationException.of("errand.upstreams." + name
                    + ": needs exactly one of header, bearer, vault-login, sigv4, client-certificate");
        }
        return kinds.get(0);
    }

    private static URI vault(String key, String value) {
        URI url = WebAddress.parseServer(key, value);
        if (url.getRawPath().matches("(?:.*/)?v1/*")) {
            throw ConfigurationException.of(key + ": '" + value + "' ends in /v1: leave it out");
        }
        return url;
    }
}

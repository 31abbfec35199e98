package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.upstream.credential.CredentialConfig;
import dev.errand.upstream.credential.UpstreamCredential;
import dev.errand.upstream.credential.UpstreamCredentials;
import dev.errand.web.FiltersConfiguration;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.netty.http.client.HttpClient;

/** The credentials that upstreams want, opened at start. */
@Configuration(proxyBeanMethods = false)
class CredentialConfiguration {
    @Bean
    FiltersConfiguration.Credentials errandUpstreamCredentials(ErrandProperties properties) {
        Map<String, UpstreamCredential> byName = new HashMap<>();
        properties.upstreams().forEach((name, upstream) -> {
            try {
                byName.put(name, UpstreamCredentials.of(config(properties, name, upstream), HttpClient.create()));
            } catch (RuntimeException e) {
                throw ConfigurationException.of("errand.upstreams." + name + ": " + e.getMessage());
            }
        });
        return new FiltersConfiguration.Credentials(byName);
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
                    URI.create(login.url()), login.role(), properties.file(login.jwtFile()), login.mount()));
        }
        if (upstream.sigv4() != null) {
            ErrandProperties.SigV4 sigv4 = upstream.sigv4();
            kinds.add(new CredentialConfig.SigV4(
                    sigv4.region(), sigv4.service(), properties.file(sigv4.credentialsFile())));
        }
        if (upstream.clientCertificate() != null) {
            ErrandProperties.ClientCertificate certificate = upstream.clientCertificate();
            kinds.add(new CredentialConfig.ClientCertificate(
                    properties.file(certificate.certificate()), properties.file(certificate.key())));
        }
        if (kinds.size() != 1) {
            throw ConfigurationException.of("errand.upstreams." + name
                    + ": needs exactly one of header, bearer, vault-login, sigv4, client-certificate");
        }
        return kinds.get(0);
    }
}

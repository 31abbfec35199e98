package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code client-certificate}: mutual TLS to the upstream.
 *
 * @param certificate PEM, leaf first
 * @param key PEM, PKCS#8
 * @param authorities PEM: the authorities that sign the upstream's own certificate; null for those that Java trusts
 */
public record ClientCertificateConfig(
        String certificate, String key, @Nullable String authorities) implements CredentialConfig {
    @Override
    public List<Path> files(CredentialContext opening) {
        return List.of(opening.file(certificate), opening.file(key));
    }

    @Override
    public UpstreamCredential open(CredentialContext opening) {
        return new ClientCertificateCredential(files(opening), authorities == null ? null : opening.file(authorities));
    }
}

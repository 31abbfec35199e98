package dev.errand.upstream.credential;

import reactor.netty.http.client.HttpClient;

/** Makes the credential that a configuration describes. */
public final class UpstreamCredentials {
    private UpstreamCredentials() {}

    /**
     * The credential, which has read nothing yet.
     *
     * @param http the client that Vault is asked with; its TLS settings are the caller's
     */
    public static UpstreamCredential of(CredentialConfig config, HttpClient http) {
        if (config instanceof CredentialConfig.Header header) {
            return new FileHeaderCredential(header.name(), "", header.file());
        }
        if (config instanceof CredentialConfig.Bearer bearer) {
            return new FileHeaderCredential("Authorization", "Bearer ", bearer.file());
        }
        if (config instanceof CredentialConfig.VaultLogin login) {
            return new VaultLoginCredential(login, http, System::nanoTime);
        }
        if (config instanceof CredentialConfig.SigV4 sigV4) {
            return new SigV4Credential(sigV4);
        }
        if (config instanceof CredentialConfig.ClientCertificate certificate) {
            return new ClientCertificateCredential(certificate);
        }
        throw new IllegalArgumentException("no such kind of credential: " + config.getClass());
    }
}

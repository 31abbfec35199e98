package dev.errand.upstream.credential;

import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How the gateway authenticates to one upstream ({@code errand.upstreams.<name>}); exactly one of these kinds. */
public sealed interface CredentialConfig {
    /**
     * {@code header}: a header whose value is the content of a file.
     *
     * @param name the header's name, a token (RFC 9110 section 5.6.2)
     * @param file re-read when it changes
     */
    record Header(String name, Path file) implements CredentialConfig {}

    /**
     * {@code bearer}: {@code Authorization: Bearer} and the content of a file that something else rotates.
     *
     * @param file re-read when it changes
     */
    record Bearer(Path file) implements CredentialConfig {}

    /**
     * {@code vault-login}: a token from Vault's JWT login, renewed while it lives.
     *
     * @param url Vault's address, without {@code /v1}
     * @param role the login's role
     * @param jwtFile the JWT to log in with, read at each login
     * @param mount where the auth method is mounted, {@code jwt} by default
     */
    record VaultLogin(URI url, String role, Path jwtFile, String mount) implements CredentialConfig {}

    /**
     * {@code sigv4}: AWS Signature Version 4.
     *
     * @param region such as {@code eu-central-1}
     * @param service the signing name, such as {@code s3}
     * @param credentialsFile {@code aws_access_key_id}, {@code aws_secret_access_key} and, if temporary,
     *     {@code aws_session_token}, as in the AWS shared credentials file's default profile
     */
    record SigV4(String region, String service, Path credentialsFile) implements CredentialConfig {}

    /**
     * {@code client-certificate}: mutual TLS to the upstream.
     *
     * @param certificate PEM, leaf first
     * @param key PEM, PKCS#8
     * @param authorities PEM: who signs the upstream's own certificate; null for those that Java trusts
     */
    record ClientCertificate(
            Path certificate, Path key, @Nullable Path authorities) implements CredentialConfig {}
}

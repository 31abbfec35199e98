package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code sigv4}: AWS Signature Version 4.
 *
 * @param region such as {@code eu-central-1}
 * @param service the signing name, such as {@code s3}
 * @param credentialsFile {@code aws_access_key_id}, {@code aws_secret_access_key} and, if temporary,
 *     {@code aws_session_token}, as in the AWS shared credentials file's default profile
 */
public record SigV4Config(String region, String service, String credentialsFile) implements CredentialConfig {
    @Override
    public List<Path> files(CredentialContext opening) {
        return List.of(opening.file(credentialsFile));
    }

    @Override
    public UpstreamCredential open(CredentialContext opening) {
        return new SigV4Credential(region, service, opening.file(credentialsFile));
    }
}

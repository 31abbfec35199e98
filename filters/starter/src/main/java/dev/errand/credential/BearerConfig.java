package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;

/**
 * {@code bearer}: {@code Authorization: Bearer} and the content of a file, which another program rotates.
 *
 * @param file read again when it changes
 */
public record BearerConfig(String file) implements CredentialConfig {
    @Override
    public List<Path> files(CredentialContext opening) {
        return List.of(opening.file(file));
    }

    @Override
    public UpstreamCredential open(CredentialContext opening) {
        return new FileHeaderCredential("Authorization", "Bearer ", opening.file(file));
    }
}

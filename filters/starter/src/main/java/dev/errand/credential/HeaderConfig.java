package dev.errand.credential;

import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * {@code header}: a header whose value is the content of a file.
 *
 * @param name the header's name, a token (RFC 9110 section 5.6.2)
 * @param file read again when it changes
 */
public record HeaderConfig(String name, String file) implements CredentialConfig {
    @Override
    public List<Path> files(CredentialContext opening) {
        return List.of(opening.file(file));
    }

    @Override
    public void check(CredentialContext opening, BiConsumer<String, String> fault) {
        CredentialConfig.checkHeader("header.name", name, fault);
    }

    @Override
    public UpstreamCredential open(CredentialContext opening) {
        return new FileHeaderCredential(name, "", opening.file(file));
    }
}

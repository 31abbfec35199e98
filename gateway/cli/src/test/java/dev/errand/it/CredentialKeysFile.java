package dev.errand.it;

import dev.errand.jose.KeyFileException;
import dev.errand.jose.NewKeyFile;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A fresh key file for {@code errand.credential-keys}. */
final class CredentialKeysFile {
    private CredentialKeysFile() {}

    static Path in(Path directory) {
        Path file = directory.resolve("credential.jwks");
        try {
            NewKeyFile.ofCredentials().write(file);
        } catch (KeyFileException e) {
            throw new UncheckedIOException(new java.io.IOException(e));
        }
        return file;
    }
}

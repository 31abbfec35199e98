package dev.errand.sink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret in a small file. Each use reads the file again, so the secret can be rotated. Blocks on the disk. */
public record SecretFile(Path path) {
    private static final int MAX_BYTES = 16 * 1024;

    /**
     * The content without surrounding white space. Fails unless it is one line; the IOException contains nothing of the
     * secret.
     */
    public String read() throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            String text = new String(content, StandardCharsets.UTF_8).strip();
            if (content.length > MAX_BYTES || text.isEmpty() || text.chars().anyMatch(c -> c < ' ' || c > '~')) {
                throw new IOException(
                        path + ": must hold one line of visible ASCII, of at most " + MAX_BYTES + " bytes");
            }
            return text;
        }
    }
}

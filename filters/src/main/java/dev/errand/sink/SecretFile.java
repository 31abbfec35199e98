package dev.errand.sink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A secret in a small file, read anew whenever it is used, so that it may rotate. Blocks on the disk. */
public record SecretFile(Path path) {
    private static final int MAX_BYTES = 16 * 1024;

    /** The content without the white space at its ends. An IOException, which holds none of it, unless it is one line. */
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

package dev.errand.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** Texts that the start script prints by itself, so that they need neither a build nor Java. */
final class HelpText {
    private HelpText() {}

    /** The text of a file beside this class. */
    static String read(String name) {
        try (InputStream in = Objects.requireNonNull(HelpText.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.errand.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Reads the provenance log of a gateway. */
final class Logs {
    private Logs() {}

    /** Every record of the log in order. */
    static List<String> lines(Path log) throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(log)) {
            for (Path file :
                    files.filter(f -> f.toString().endsWith(".jsonl")).sorted().toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }
}

package dev.errand.log.write;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/**
 * How many records each witness of a log had seen when it last cosigned it, in the file {@code witnesses.json}. The next proof to
 * a witness begins there, so the retention keeps the tiles of it. Blocks on the disk.
 */
public record WitnessSizes(Path log) {
    private static final String NAME = "witnesses.json";

    /** The sizes by the names of the witnesses; 0 for a witness that has not answered yet. Empty if there is no such file. */
    public Map<String, Long> read() throws IOException {
        Path file = log.resolve(NAME);
        Map<String, Long> sizes = new LinkedHashMap<>();
        if (Files.exists(file)) {
            try {
                JsonObject json = Json.parseObject(Files.readAllBytes(file));
                json.members()
                        .forEach((name, size) ->
                                sizes.put(name, size instanceof JsonNumber number ? Math.max(0, number.asLong()) : 0));
            } catch (Json.MalformedJsonException | ArithmeticException e) {
                throw new UnusableLogException(file + ": not the sizes of witnesses; delete it");
            }
        }
        return sizes;
    }

    /** Replaces the file; with no witness it is removed. */
    public void write(Map<String, Long> sizes) throws IOException {
        if (sizes.isEmpty()) {
            Files.deleteIfExists(log.resolve(NAME));
            return;
        }
        StringJoiner json = new StringJoiner(",", "{", "}\n");
        sizes.forEach((name, size) -> json.add("\"" + name + "\":" + size));
        DurableFile.write(log.resolve(NAME), json.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The index of a record whose tiles, and those behind, the next proof to any witness needs; the highest if there is none. */
    long firstNeeded() throws IOException {
        return read().values().stream()
                .mapToLong(size -> Math.max(0, size - 1))
                .min()
                .orElse(Long.MAX_VALUE);
    }
}

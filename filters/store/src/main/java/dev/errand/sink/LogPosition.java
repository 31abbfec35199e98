package dev.errand.sink;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.proof.DurableFile;
import dev.errand.log.proof.InstanceName;
import dev.errand.log.proof.UnusableLogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The position of a reader in a log.
 *
 * @param instance the name of the replica that writes the log
 * @param record the index of the next record
 * @param segment the index of the first record of the segment that holds the next record
 * @param offset where the next record begins in that segment, in bytes
 */
record LogPosition(String instance, long record, long segment, long offset) {
    /** The directory of positions, within the log's directory. Verifiers skip it. */
    static final String DIRECTORY = "cursors";

    private static final String SUFFIX = ".json";

    /** The beginning of a log. */
    public static LogPosition start(InstanceName instance) {
        return new LogPosition(instance.value(), 0, 0, 0);
    }

    /**
     * Reads the position that {@link #write} saved under that name; empty if there is none.
     *
     * @throws IOException also if the file is not a position
     */
    public static Optional<LogPosition> read(Path log, String name) throws IOException {
        Path file = file(log, name);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonObject json = Json.parseObject(Files.readAllBytes(file));
            return Optional.of(new LogPosition(
                    String.valueOf(json.string("instance")),
                    number(json, "record"),
                    number(json, "segment"),
                    number(json, "offset")));
        } catch (Json.MalformedJsonException | ArithmeticException e) {
            throw new UnusableLogException(
                    file + ": not a position in this log; delete it, and the sink starts as if it were new");
        }
    }

    private static long number(JsonObject json, String member) {
        long value = json.get(member) instanceof JsonNumber number ? number.asLong() : -1;
        if (value < 0) {
            throw new ArithmeticException(member);
        }
        return value;
    }

    /** Saves the position under that name and replaces an older one atomically. The log's directory must exist. */
    public void write(Path log, String name) throws IOException {
        Path directory = log.resolve(DIRECTORY);
        if (!Files.isDirectory(directory)) {
            Files.createDirectory(directory);
        }
        String json = "{\"instance\":\"" + instance + "\",\"record\":" + record + ",\"segment\":" + segment
                + ",\"offset\":" + offset + "}\n";
        DurableFile.write(file(log, name), json.getBytes(StandardCharsets.UTF_8));
    }

    private static Path file(Path log, String name) {
        return log.resolve(DIRECTORY).resolve(name + SUFFIX);
    }
}

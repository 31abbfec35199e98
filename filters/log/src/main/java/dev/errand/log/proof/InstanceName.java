package dev.errand.log.proof;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The name of one gateway instance and of its log, kept in the log's directory. If a directory is lost, the next log
 * gets another name, so that no two logs ever share an origin.
 *
 * @param value letters, digits, dots and dashes, 1 to 64
 */
public record InstanceName(String value) {
    static final String FILE = "instance";

    private static final SecureRandom RANDOM = new SecureRandom();

    public InstanceName {
        if (!value.matches("[A-Za-z0-9.-]{1,64}")) {
            throw new IllegalArgumentException(
                    "an instance is named by 1 to 64 letters, digits, dots and dashes, was '" + value + "'");
        }
    }

    /** A name that no other instance has. */
    public static InstanceName random() {
        byte[] bits = new byte[8];
        RANDOM.nextBytes(bits);
        return new InstanceName("g-" + HexFormat.of().formatHex(bits));
    }

    /** The name in a log's directory; empty if there is none yet. */
    public static Optional<InstanceName> read(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String name = Files.readString(file, StandardCharsets.UTF_8).strip();
        try {
            return Optional.of(new InstanceName(name));
        } catch (IllegalArgumentException e) {
            throw new UnusableLogException(file + ": " + e.getMessage());
        }
    }

    public static InstanceName readOrCreate(Path directory) throws IOException {
        Optional<InstanceName> known = read(directory);
        if (known.isPresent()) {
            return known.get();
        }
        InstanceName name = random();
        DurableFile.write(directory.resolve(FILE), (name.value() + "\n").getBytes(StandardCharsets.UTF_8));
        return name;
    }

    @Override
    public String toString() {
        return value;
    }
}

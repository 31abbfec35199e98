package dev.errand.agent;

import dev.errand.holder.AgentException;
import dev.errand.token.Base64Url;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/** The file with the token that clients show: 256 random bits in base64url, unless another program wrote it. */
final class BearerFile {
    private static final int BYTES = 32;
    private static final int SHORTEST = 32;
    private static final int LONGEST = 4096;

    private BearerFile() {}

    /**
     * The token in the file. A file that is not there is made, with mode 0600.
     *
     * @throws AgentException if the file cannot be made or read, other users can read it, or it holds no token of 32 to 4,096
     *     visible ASCII characters
     */
    public static String readOrCreate(Path file) {
        try {
            create(file);
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (mode.contains(PosixFilePermission.OTHERS_READ)) {
                throw new AgentException("--token " + file + ": other users can read it: chmod 600 " + file);
            }
            String token =
                    Files.size(file) > LONGEST + 1 ? "" : Files.readString(file).strip();
            if (token.length() < SHORTEST || !token.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
                throw new AgentException(
                        "--token " + file + ": it must hold one token of 32 to 4096 visible characters");
            }
            return token;
        } catch (IOException e) {
            throw new AgentException("--token " + file + ": it can be neither made nor read");
        }
    }

    private static void create(Path file) throws IOException {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        byte[] line = (Base64Url.encode(random) + "\n").getBytes(StandardCharsets.US_ASCII);
        try (SeekableByteChannel made = Files.newByteChannel(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            made.write(ByteBuffer.wrap(line));
        } catch (FileAlreadyExistsException there) {
            // It is read.
        }
    }
}

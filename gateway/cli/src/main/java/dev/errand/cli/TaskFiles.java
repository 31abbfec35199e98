package dev.errand.cli;

import dev.errand.config.Yaml;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The files of templates in a folder. A file is written whole or not at all. Blocks on the disk.
 *
 * @param folder {@code tasks/}
 */
record TaskFiles(Path folder) {
    /** The template's or candidate's file that holds exactly this text; null if there is none. */
    @Nullable Path of(String text) throws IOException {
        byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
        for (Path file : Yaml.files(folder)) {
            if (Files.size(file) == wanted.length && Arrays.equals(Files.readAllBytes(file), wanted)) {
                return file;
            }
        }
        return null;
    }

    /** The first of the files that is a link, by its name; null where none is. */
    static @Nullable String linked(Path... files) {
        for (Path file : files) {
            if (Files.isSymbolicLink(file)) {
                return file.toString();
            }
        }
        return null;
    }

    /** Replaces or makes a file, with the permissions of another: written beside it, forced to disk, then renamed. */
    void write(Path file, String text, Path like) throws IOException {
        Path fresh = folder.resolve("." + file.getFileName() + ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                PosixFileAttributeView view = Files.getFileAttributeView(fresh, PosixFileAttributeView.class);
                if (view != null) {
                    view.setPermissions(Files.getPosixFilePermissions(like));
                }
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Forces the folder to disk, so that the names in it are as durable as the files. */
    void force() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}

package dev.errand.template;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.token.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The files of a configuration: {@code application.yaml}, and all files below {@code operations/} and {@code tasks/} at
 * any depth, since a catalogue may name a document in a folder below its own. Thread-safe; blocks on the disk.
 *
 * @param directory holds {@code application.yaml}, {@code operations/} and {@code tasks/}
 */
public record ConfigurationFiles(Path directory) {
    private static final int MAX_FILES = 10_000;
    private static final int MAX_DEPTH = 8;

    /**
     * {@code sha-256:} digest over the names and contents of all files; of {@code application.yaml} over the values that all
     * replicas share.
     */
    public String revision(Faults faults) {
        try {
            MessageDigest digest = Sha256.create();
            for (Path file : files()) {
                digest.update(directory.relativize(file).toString().getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                byte[] content = Files.readAllBytes(file);
                digest.update(file.equals(application()) ? SharedValues.of(content) : content);
                digest.update((byte) 0);
            }
            return Sha256.label(digest.digest());
        } catch (IOException e) {
            faults.add(new Position(directory.toString(), 1, 1), "cannot be read");
            return "sha-256:";
        }
    }

    /**
     * The digests of the files' contents, by name: relative to the directory for files in it.
     *
     * @param others further files to include; a file that cannot be read is left out
     */
    public Map<String, String> contents(Set<Path> others) {
        Map<String, String> contents = new TreeMap<>();
        Set<Path> all = new TreeSet<>(others);
        try {
            all.addAll(files());
        } catch (IOException unreadable) {
            // As if there were none.
        }
        for (Path file : all) {
            try {
                contents.put(name(file), Sha256.label(Sha256.create().digest(Files.readAllBytes(file))));
            } catch (IOException gone) {
                // As if it were not there.
            }
        }
        return contents;
    }

    /** The name of a file in {@link #contents}. */
    public String name(Path file) {
        return (file.startsWith(directory) ? directory.relativize(file) : file).toString();
    }

    /**
     * The names, sizes and times of the files as text; two equal stamps mean that nothing changed.
     *
     * @param others further files to include; each may be absent
     */
    public String stamp(Set<Path> others) {
        StringBuilder stamp = new StringBuilder();
        try {
            files().forEach(file -> stamp(file, stamp));
        } catch (IOException e) {
            stamp.append(e.getClass().getSimpleName());
        }
        new TreeSet<>(others).forEach(file -> stamp(file, stamp));
        return stamp.toString();
    }

    private static void stamp(Path file, StringBuilder stamp) {
        stamp.append(file);
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            // The file key differs when another file was moved into the place of this one.
            stamp.append('|')
                    .append(attributes.lastModifiedTime())
                    .append('|')
                    .append(attributes.size())
                    .append('|')
                    .append(attributes.fileKey());
        } catch (IOException gone) {
            stamp.append("|gone");
        }
        stamp.append('\n');
    }

    private Path application() {
        return directory.resolve("application.yaml");
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        if (Files.isRegularFile(application())) {
            files.add(application());
        }
        for (String part : List.of("operations", "tasks")) {
            Path folder = directory.resolve(part);
            if (Files.isDirectory(folder)) {
                Set<Path> found = new TreeSet<>();
                Files.walkFileTree(folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), MAX_DEPTH, new Visitor(found));
                files.addAll(found);
            }
        }
        return files;
    }

    /** Collects files; skips folders like {@code ..data}, in which a mounted volume keeps its revisions. */
    private static final class Visitor extends SimpleFileVisitor<Path> {
        private final Set<Path> found;

        Visitor(Set<Path> found) {
            this.found = found;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return folder.getFileName().toString().startsWith("..")
                    ? FileVisitResult.SKIP_SUBTREE
                    : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            if (attributes.isRegularFile() && found.size() >= MAX_FILES) {
                throw new IOException("more than " + MAX_FILES + " files");
            }
            if (attributes.isRegularFile()) {
                found.add(file);
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException e) {
            return FileVisitResult.CONTINUE; // removed since the folder was listed; the next stamp differs
        }
    }
}

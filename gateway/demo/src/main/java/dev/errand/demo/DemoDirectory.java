package dev.errand.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/** A temporary copy of the shipped configuration, which the demo may change. Closing it deletes it. Thread-safe. */
record DemoDirectory(Path root) implements AutoCloseable, Runnable {
    private static final String PACKAGED = "dev/errand/demo/config/";

    /**
     * Makes the copy.
     *
     * @param home the directory that holds {@code config/}; if it is null or has none, the files of the jar are copied
     */
    public static DemoDirectory create(@Nullable Path home) throws IOException {
        DemoDirectory directory =
                new DemoDirectory(Files.createTempDirectory("errand-demo-").toRealPath());
        try {
            Path shipped = home == null ? null : home.resolve("config");
            if (shipped != null && Files.isRegularFile(shipped.resolve("application.yaml"))) {
                directory.copyFrom(shipped);
            } else {
                directory.copyPackaged();
            }
        } catch (IOException e) {
            directory.close();
            throw e;
        }
        return directory;
    }

    /** Where a file of the copy is. */
    public Path resolve(String name) {
        return root.resolve(name);
    }

    /** Writes a file of the copy. */
    public void write(String name, String content) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void copyFrom(Path shipped) throws IOException {
        Files.walkFileTree(shipped, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path from, BasicFileAttributes attributes) throws IOException {
                Path relative = shipped.relativize(from);
                if (relative.startsWith("data")) {
                    return FileVisitResult.SKIP_SUBTREE;
                }
                Files.createDirectories(root.resolve(relative));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path from, BasicFileAttributes attributes) throws IOException {
                Files.copy(from, root.resolve(shipped.relativize(from)));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void copyPackaged() throws IOException {
        var resolver = new PathMatchingResourcePatternResolver(DemoDirectory.class.getClassLoader());
        for (Resource resource : resolver.getResources("classpath:" + PACKAGED + "**")) {
            String path = resource.getURL().getPath();
            String name = path.substring(path.indexOf(PACKAGED) + PACKAGED.length());
            if (!name.isEmpty() && !name.endsWith("/") && resource.isReadable()) {
                Path to = root.resolve(name);
                Files.createDirectories(to.getParent());
                try (InputStream content = resource.getInputStream()) {
                    Files.copy(content, to);
                }
            }
        }
        if (!Files.isRegularFile(root.resolve("application.yaml"))) {
            throw new NoSuchFileException("the demo's configuration is not in this jar");
        }
    }

    /** Deletes it when the process is stopped. */
    @Override
    public void run() {
        close();
    }

    @Override
    public void close() {
        if (!Files.exists(root)) {
            return;
        }
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException gone) {
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException fault)
                        throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException leftover) {
            // A file that cannot be deleted is left for the system, which cleans its temporary directory itself.
            return;
        }
    }
}

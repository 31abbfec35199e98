package dev.errand.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/** The files that a demo left, but those of its store. Nobody changes them. They go when the process ends. */
record PlayedDemo(Path directory) {
    private static @Nullable PlayedDemo played;

    /** Plays the demo at the first call of this process. */
    static synchronized PlayedDemo once() throws IOException {
        if (played == null) {
            PlayedDemo fresh = new PlayedDemo(Files.createTempDirectory("played-demo-"));
            Runtime.getRuntime().addShutdownHook(new Thread(fresh::delete));
            fresh.play();
            played = fresh;
        }
        return played;
    }

    /** On a busy machine the store may seem away: what is read is a play that went as told. */
    private void play() throws IOException {
        for (int attempt = 0; attempt < 3; attempt++) {
            StringWriter printed = new StringWriter();
            try (Demo demo = Demo.start(null, false)) {
                if (demo.play(new Transcript(new PrintWriter(printed), false)).isEmpty()) {
                    copy(demo.directory().root(), directory);
                    return;
                }
            }
            LoggerFactory.getLogger(PlayedDemo.class).warn("not as told:\n{}", printed);
        }
        throw new AssertionError("no play went as told");
    }

    Path log() {
        return directory.resolve("data/provenance");
    }

    /** Copies what a directory holds into another one. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> paths = Files.walk(from)) {
            for (Path path : paths.filter(path -> !path.toString().contains("/redis"))
                    .filter(Files::isRegularFile)
                    .toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                Files.createDirectories(target.getParent());
                Files.copy(path, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private void delete() {
        try {
            FileSystemUtils.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

package dev.errand.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.springframework.util.FileSystemUtils;

/** The files of a demo that was played and has ended, but those of its store. Nobody changes them. */
record PlayedDemo(Path directory) implements AutoCloseable {
    /** Plays the demo once for all classes of this process that ask for it. */
    static final class Once implements ParameterResolver {
        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == PlayedDemo.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return context.getRoot()
                    .getStore(Namespace.create(PlayedDemo.class))
                    .computeIfAbsent(PlayedDemo.class, type -> play(), PlayedDemo.class);
        }
    }

    /** On a busy machine the store may seem away: what is read is a play that went as told. */
    private static PlayedDemo play() {
        String printed = "";
        for (int attempt = 0; attempt < 3; attempt++) {
            StringWriter out = new StringWriter();
            try (Demo demo = Demo.start(null, false)) {
                if (demo.play(new Transcript(new PrintWriter(out), false)).isEmpty()) {
                    Path copy = Files.createTempDirectory("played-demo-");
                    copy(demo.directory().root(), copy);
                    return new PlayedDemo(copy);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            printed = out.toString();
        }
        throw new AssertionError(printed);
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

    @Override
    public void close() throws IOException {
        FileSystemUtils.deleteRecursively(directory);
    }
}

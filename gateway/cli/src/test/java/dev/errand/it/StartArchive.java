package dev.errand.it;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How a test runs the classes of this build in a process of its own. Loading the libraries takes a quarter of a gateway's start. So the
 * first gateway of a build that finds no archive of them lists what it loads, and a background process makes one, which stays in the
 * cache of the tests. Without it they are loaded from the same jars.
 */
final class StartArchive {
    /** A short life: code that the second compiler makes would hardly be used, nor several threads of a collector. */
    static final List<String> SHORT_LIFE = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");

    private static final String LIBRARIES = entries(true);

    /** What an archive holds comes first: the libraries, which are alike in each build. */
    static final String CLASS_PATH = LIBRARIES + File.pathSeparator + entries(false);

    private static final Path DIRECTORY = Path.of("target", "start-archive").toAbsolutePath();
    private static final Path LOADED = DIRECTORY.resolve("loaded");
    private static final String LISTS = "-XX:DumpLoadedClassList=" + LOADED;
    private static final String OF_THIS_JVM = "start-" + System.getProperty("java.vm.version") + "-";
    private static final Path ARCHIVE = RealServer.cache().resolve(OF_THIS_JVM + version() + ".jsa");

    private StartArchive() {}

    private static String entries(boolean libraries) {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> Path.of(entry).startsWith(RunningGateway.repository()) != libraries)
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** Another one if any library is another one. */
    private static String version() {
        return Integer.toHexString(Arrays.stream(LIBRARIES.split(File.pathSeparator))
                .map(library -> library + new File(library).lastModified())
                .toList()
                .hashCode());
    }

    /** The options of a JVM that lives shortly. */
    static List<String> options() {
        List<String> options = new ArrayList<>(SHORT_LIFE);
        if (Files.exists(ARCHIVE)) {
            options.add("-XX:SharedArchiveFile=" + ARCHIVE);
        }
        return options;
    }

    /** The same options for one that runs the gateway, which may also list its classes: then {@link #started} makes the archive. */
    static List<String> gatewayOptions() throws IOException {
        List<String> options = options();
        if (!Files.exists(ARCHIVE) && DIRECTORY.toFile().mkdir()) {
            options.add(LISTS);
        }
        return options;
    }

    /** A gateway with these options has started. */
    static void started(List<String> options) throws IOException {
        if (!options.contains(LISTS)) {
            return;
        }
        // The last line may be half. Those with @ are lambdas, whose archive crashes JDK 17.
        List<String> loaded = Files.readAllLines(LOADED, StandardCharsets.UTF_8);
        Path classes = DIRECTORY.resolve("classes");
        Files.write(
                classes,
                loaded.subList(0, loaded.size() - 1).stream()
                        .filter(line -> !line.startsWith("@"))
                        .toList());
        Path archive = DIRECTORY.resolve("start.jsa");
        // The last move is within one file system, so no process sees half an archive.
        String making = """
                "${@:4}" && rm -f "$1"*.jsa && mv "$2" "$3.new" && mv "$3.new" "$3"
                """;
        ServerProcess.start(new ProcessBuilder(
                        "bash",
                        "-c",
                        making,
                        "bash",
                        ARCHIVE.resolveSibling(OF_THIS_JVM).toString(),
                        archive.toString(),
                        ARCHIVE.toString(),
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xshare:dump",
                        "-XX:SharedClassListFile=" + classes,
                        "-XX:SharedArchiveFile=" + archive,
                        "-cp",
                        LIBRARIES)
                .redirectErrorStream(true)
                .redirectOutput(DIRECTORY.resolve("said").toFile()));
    }
}

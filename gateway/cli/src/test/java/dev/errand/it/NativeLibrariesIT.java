package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The packaged gateway where nothing in the temporary directory may be executed, as in a container with a tmpfs there. */
class NativeLibrariesIT {
    @TempDir
    Path directory;

    @Test
    void run_temporaryDirectoryNoexec_loadsTheNativeLibrariesOfTheImage() throws Exception {
        assumeTrue("Linux".equals(System.getProperty("os.name"))
                && Set.of("amd64", "aarch64").contains(System.getProperty("os.arch")));
        Path natives = directory.resolve("native");
        ServerProcess.run(
                RunningGateway.repository().resolve("deploy/native-libraries").toString(),
                RunningGateway.repository().resolve("gateway/target/errand.jar").toString(),
                natives.toString());
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        assumeTrue(
                mount("mount", "-t", "tmpfs", "-o", "noexec,size=32m", "tmpfs", temporary.toString()),
                "no right to mount");
        try (GatewayProcess gateway = new GatewayProcess(
                RunningGateway.with().trusting(TestHuman.releaseManager(), TestWorkloads.exampleOrg()),
                GatewayProcess.Launch.jar(
                        "-Djava.io.tmpdir=" + temporary,
                        "-Djava.library.path=" + natives,
                        "-Dcom.amazon.corretto.crypto.provider.useExternalLib=true"))) {
            assertThat(gateway.output()).contains("signatures are made and verified with AmazonCorrettoCryptoProvider");
            List<String> maps =
                    Files.readAllLines(Path.of("/proc/" + gateway.process().pid() + "/maps"));
            assertThat(maps).anyMatch(line -> line.endsWith(natives + "/libamazonCorrettoCryptoProvider.so"));
            assertThat(maps).anyMatch(line -> line.contains(natives + "/libnetty_transport_native_epoll_"));
            try (Stream<Path> left = Files.walk(temporary)) {
                assertThat(left.filter(file -> file.toString().contains(".so"))).isEmpty();
            }
        } finally {
            mount("umount", "-l", temporary.toString());
        }
    }

    /** A jar that was built for both, as far as its libraries matter, on a machine of either kind. */
    @ParameterizedTest
    @CsvSource({"x86_64, linux-x86_64, amd64", "aarch64, linux-aarch_64, aarch64"})
    void libraries_areThoseOfTheMachine(String machine, String classifier, String folder) throws Exception {
        Path libraries = Files.createDirectories(directory.resolve("jar/BOOT-INF/lib"));
        for (String other : List.of("linux-x86_64", "linux-aarch_64")) {
            jar(libraries, "AmazonCorrettoCryptoProvider-2-" + other, "com/provider.so", other);
            jar(libraries, "netty-transport-native-epoll-4-" + other, "META-INF/native/epoll.so", other);
        }
        String natives = "META-INF/native/lib_" + classifier.replace("linux-", "linux_") + ".so";
        jar(libraries, "grpc-netty-shaded-1", natives, classifier);
        jar(libraries, "lz4-java-1", "net/jpountz/util/linux/" + folder + "/liblz4-java.so", classifier);
        Path whole = directory.resolve("whole.jar");
        ServerProcess.run(
                tool(),
                "--create",
                "--file",
                whole.toString(),
                "-C",
                directory.resolve("jar").toString(),
                ".");
        Path programs = Files.createDirectory(directory.resolve("programs"));
        Files.createSymbolicLink(programs.resolve("jar"), Path.of(tool()));
        Path uname = Files.writeString(programs.resolve("uname"), "#!/bin/sh\necho " + machine + "\n");
        Files.setPosixFilePermissions(uname, PosixFilePermissions.fromString("rwx------"));
        Path natively = directory.resolve("natively");
        ProcessBuilder taking = new ProcessBuilder(
                RunningGateway.repository().resolve("deploy/native-libraries").toString(),
                whole.toString(),
                natively.toString());
        taking.environment().merge("PATH", programs.toString(), (before, ours) -> ours + ":" + before);
        ServerProcess.Outcome outcome = ServerProcess.end(taking, "");
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        try (Stream<Path> taken = Files.list(natively)) {
            assertThat(taken)
                    .hasSize(4)
                    .allSatisfy(library -> assertThat(library).hasContent(classifier));
        }
    }

    private static String tool() {
        return Path.of(System.getProperty("java.home"), "bin/jar").toString();
    }

    /** A jar with one file in it. */
    private void jar(Path folder, String name, String path, String content) throws Exception {
        Path root = Files.createTempDirectory(directory, name);
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
        ServerProcess.run(
                tool(), "--create", "--file", folder.resolve(name + ".jar").toString(), "-C", root.toString(), ".");
    }

    private static boolean mount(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}

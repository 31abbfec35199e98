package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    private static boolean mount(String... command) throws Exception {
        return new ProcessBuilder(command).start().waitFor() == 0;
    }
}

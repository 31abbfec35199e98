package dev.errand.log.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class DiskFaultTest {
    private static String of(Exception failure) {
        String said = DiskFault.of(Path.of("/"), failure);
        assertThat(said).matches(".*; / has \\d+ bytes free");
        return said.substring(0, said.lastIndexOf(';'));
    }

    @Test
    void errorsOfTheOperatingSystem_haveTheirNames() {
        assertThat(of(new IOException("No space left on device"))).isEqualTo("No space left on device (ENOSPC)");
        assertThat(of(new FileSystemException("/log/00", null, "Read-only file system")))
                .isEqualTo("/log/00: Read-only file system (EROFS)");
    }

    @Test
    void otherFailures_haveTheirClass() {
        assertThat(of(new IOException("closed"))).isEqualTo("IOException: closed");
        assertThat(of(new IllegalStateException())).isEqualTo("IllegalStateException: null");
    }
}

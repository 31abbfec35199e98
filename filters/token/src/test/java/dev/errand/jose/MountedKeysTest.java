package dev.errand.jose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys in a mount of their own, as a cluster hands them out: {@code root:GROUP}, mode 0440, read-only. Needs root. */
class MountedKeysTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void mount() throws Exception {
        assumeTrue(ran("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", directory.toString()), "may not mount");
        file = directory.resolve("keys.jwks");
        KeyRing.createIfAbsent(file);
    }

    @AfterEach
    void unmount() throws Exception {
        ran("umount", directory.toString());
    }

    private static boolean ran(String... command) throws Exception {
        return new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
    }

    private void mode(String mode) throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private void readOnly() throws Exception {
        assertThat(ran("mount", "-o", "remount,ro", directory.toString())).isTrue();
    }

    @Test
    void load_readableByTheGroup_inAReadOnlyMountOfRoot_isTaken() throws Exception {
        mode("r--r-----");
        readOnly();
        assertThat(KeyRing.load(file).stateKeys()).isNotEmpty();
    }

    @Test
    void load_readableByTheGroup_whereItCanBeWritten_isRefused() throws Exception {
        mode("r--r-----");
        assertThatThrownBy(() -> KeyRing.load(file)).hasMessageContaining("private keys that others may touch");
    }

    @Test
    void load_readableByAll_inAReadOnlyMount_isRefused() throws Exception {
        mode("r--r--r--");
        readOnly();
        assertThatThrownBy(() -> KeyRing.load(file)).hasMessageContaining("private keys that others may touch");
    }

    @Test
    void load_ofAnotherOwner_inAReadOnlyMount_isRefused() throws Exception {
        mode("r--r-----");
        Files.setAttribute(file, "unix:uid", 65_534);
        readOnly();
        assertThatThrownBy(() -> KeyRing.load(file)).hasMessageContaining("private keys that others may touch");
    }
}

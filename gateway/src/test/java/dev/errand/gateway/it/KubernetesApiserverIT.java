package dev.errand.gateway.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a kube-apiserver that cannot start. */
@EnabledIfSystemProperty(named = "errand.real-servers", matches = "true")
@Tag("apiserver")
class KubernetesApiserverIT {
    @TempDir
    private Path directory;

    @Test
    void takenPort_isToldInOneLine() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> KubernetesApiserver.on(taken.getLocalPort(), directory))
                    .isInstanceOf(AssertionError.class)
                    .satisfies(told -> assertThat(told.getMessage())
                            .startsWith("kube-apiserver ended after ")
                            .contains("address already in use")
                            .doesNotContain("\n"));
        }
    }
}

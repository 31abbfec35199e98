package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code errand approve} says where there is nothing to decide with, or nobody to ask. */
class ApproveCommandTest {
    @TempDir
    private Path directory;

    private final StringWriter err = new StringWriter();

    private int approve(String gateway, Path human) {
        return Errand.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute("approve", "a-1", "--gateway", gateway, "--human", "@" + human);
    }

    @Test
    void fileThatIsNotThere_isToldWithTheCommandThatWritesIt() {
        Path none = directory.resolve("none.jwt");
        assertThat(approve("http://127.0.0.1:1", none)).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo(none
                        + " cannot be read (NoSuchFileException): let `errand login --resource URI --out FILE` write the human's JWT"
                        + " there\n");
    }

    @Test
    void tokenInThePlaceOfItsFile_isNotPrinted() {
        int status = Errand.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute("approve", "a-1", "--human", "eyJhbGciOiJub25lIn0.c2VjcmV0.");
        assertThat(status).isEqualTo(1);
        assertThat(err.toString())
                .isEqualTo("--human has the token itself: give the name of its file, as @FILE\n")
                .doesNotContain("c2VjcmV0");
    }

    @Test
    void gatewayThatDoesNotRun_isToldByItsAddress() throws IOException {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            closed = socket.getLocalPort();
        }
        Path human = Files.writeString(directory.resolve("human.jwt"), "x.y.z\n");
        assertThat(approve("http://127.0.0.1:" + closed, human)).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("http://127.0.0.1:" + closed + " cannot be reached")
                .endsWith(": write the address of a running gateway after --gateway\n")
                .doesNotContain("null");
    }
}

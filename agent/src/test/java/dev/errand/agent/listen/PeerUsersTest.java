package dev.errand.agent.listen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whose connections are admitted, by owners of a test and by those of this system. */
@EnabledOnOs(OS.LINUX)
class PeerUsersTest {
    private static final Connection ONE = connection(1);
    private static final int STRANGER = 65_533;

    private final List<String> notes = new ArrayList<>();

    private static Connection connection(int port) {
        InetAddress local = InetAddress.getLoopbackAddress();
        return new Connection(new InetSocketAddress(local, port), new InetSocketAddress(local, 9));
    }

    private static int ownUser() throws Exception {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    private PeerUsers users(SocketOwners... owners) {
        return new PeerUsers(notes::add, List.of(owners), Runnable::run);
    }

    @Test
    void ownUserAndRoot_areAdmitted_othersAreNot() throws Exception {
        int own = ownUser();
        for (int user : new int[] {own, 0}) {
            assertThat(users(asked -> Map.of(ONE, user)).admits(ONE)).isCompletedWithValue(true);
        }
        assertThat(users(asked -> Map.of(ONE, STRANGER)).admits(ONE)).isCompletedWithValue(false);
        assertThat(notes)
                .containsExactly("closed a connection of user 65533: only processes of the companion's own user may"
                        + " connect (--peer)");
    }

    @Test
    void unknownUser_isNotAdmitted_andTheNextSourceIsAsked() {
        assertThat(users(asked -> Map.of()).admits(ONE)).isCompletedWithValue(false);
        assertThat(notes).singleElement().asString().contains("of an unknown user");
        assertThat(users(asked -> Map.of(), asked -> Map.of(ONE, 0)).admits(ONE))
                .isCompletedWithValue(true);
    }

    @Test
    void sourceThatFails_admitsNobody() {
        PeerUsers broken = new PeerUsers(
                notes::add,
                List.of(asked -> {
                    throw new IllegalStateException("broken");
                }),
                task -> {
                    try {
                        task.run();
                    } catch (IllegalStateException ofTheSource) {
                        // As the thread of an executor would do.
                    }
                });
        assertThat(broken.admits(ONE)).isCompletedWithValue(false);
    }

    @Test
    void connectionsTogether_shareOneLook_andOneLine() {
        List<Runnable> later = new ArrayList<>();
        List<Collection<Connection>> looks = new ArrayList<>();
        SocketOwners counted = asked -> {
            looks.add(List.copyOf(asked));
            return Map.of(connection(1), STRANGER, connection(2), 0, connection(3), STRANGER);
        };
        PeerUsers users = new PeerUsers(notes::add, List.of(counted), later::add);
        List<CompletableFuture<Boolean>> verdicts = Stream.of(1, 2, 3)
                .map(PeerUsersTest::connection)
                .map(users::admits)
                .toList();
        later.forEach(Runnable::run);
        assertThat(verdicts).extracting(CompletableFuture::join).containsExactly(false, true, false);
        assertThat(looks).hasSize(1);
        assertThat(notes).hasSize(1);
    }

    /** COMMAND may change its user, as setpriv and su do. */
    @Test
    void usersOfCommand_areAdmittedWhileItRuns() throws Exception {
        assumeThat(ownUser()).as("root").isZero();
        Process command = new ProcessBuilder(
                        "setpriv", "--reuid=" + STRANGER, "--clear-groups", "sh", "-c", "echo ready; cat")
                .start();
        try {
            assertThat(command.inputReader().readLine()).isEqualTo("ready");
            PeerUsers users = users(asked -> Map.of(ONE, STRANGER));
            assertThat(users.admits(ONE)).isCompletedWithValue(false);
            users.started(command.pid());
            assertThat(users.admits(ONE)).isCompletedWithValue(true);
            users.ended();
            assertThat(users.admits(ONE)).isCompletedWithValue(false);
        } finally {
            command.destroy();
        }
    }

    /** The kernel's own words, on both families: a live connection, one that its process has closed, and none. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void sourcesOfThisSystem_tellTheUserOfALiveConnection(String host) throws Exception {
        List<Supplier<SocketOwners>> sources = new ArrayList<>(List.of(ProcNetTcp::new));
        if (Runtime.version().feature() >= 22) {
            sources.add(SockDiag::open);
        }
        for (Supplier<SocketOwners> source : sources) {
            SocketOwners owners = source.get();
            try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(host));
                    Socket tool = new Socket(server.getInetAddress(), server.getLocalPort());
                    Socket accepted = server.accept()) {
                Connection live =
                        new Connection((InetSocketAddress) accepted.getRemoteSocketAddress(), (InetSocketAddress)
                                accepted.getLocalSocketAddress());
                // The listener's own port: a connection that no socket has.
                Connection none = new Connection(live.own(), live.peer());
                Connection listener = new Connection(
                        live.own(), new InetSocketAddress(live.own().getAddress(), 1));
                assertThat(owners.of(List.of(live, listener))).isEqualTo(Map.of(live, ownUser()));
                assertThat(owners.of(List.of(none))).isEqualTo(Map.of(none, ownUser()));
                tool.close();
                assertThat(owners.of(List.of(live))).isEmpty();
            }
        }
    }
}

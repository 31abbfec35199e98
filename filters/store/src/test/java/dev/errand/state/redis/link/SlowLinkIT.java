package dev.errand.state.redis.link;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.state.StateListener;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.TcpProxy;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A store behind a slow link: connections have time to become ready, and a fault says what was not over in time. */
class SlowLinkIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final Duration CONNECT = Duration.ofSeconds(20);
    private static final int CLIENTS = 50;

    @TempDir
    Path directory;

    /** Each flight takes 200 ms: a connection of TCP, TLS and login takes about as long as the whole limit once was. */
    @Test
    void fiftyClientsAtOnce_connectOnceEach_andReturnAfterAPause() throws Exception {
        TestPem server = TestPem.make(directory, "server", "ip:127.0.0.1");
        Path password = Files.writeString(directory.resolve("password"), "s3cret");
        List<RedisLink> links = new ArrayList<>();
        try (RedisProcess redis =
                        new RedisProcess(directory.resolve("redis"), "requirepass s3cret").password("s3cret");
                TcpProxy tls = new TcpProxy(
                        redis.port(),
                        server.serving()
                                .getServerSocketFactory()
                                .createServerSocket(0, 200, InetAddress.getLoopbackAddress()));
                TcpProxy network = new TcpProxy(tls.port())) {
            network.delay(Duration.ofMillis(200));
            String url = "rediss://127.0.0.1:" + network.port();
            for (int i = 0; i < CLIENTS; i++) {
                RedisAddress address =
                        RedisAddress.parse(List.of(url), new StoreAccess(null, password, server.certificate()));
                links.add(RedisLink.open(address, TIMEOUT, CONNECT, StateListener.NONE));
            }
            untilAllAnswer(links);
            // One connection for commands and one for announcements, twice if an attempt overtook a slow one.
            assertThat(network.accepted()).isBetween(2 * CLIENTS, 4 * CLIENTS);

            network.cut();
            RedisProcess.until("nobody hears the store", () -> links.stream().noneMatch(RedisLink::isAnswering));
            network.mendWithoutTheConnections();
            untilAllAnswer(links);
        } finally {
            links.forEach(RedisLink::close);
        }
    }

    private static void untilAllAnswer(List<RedisLink> links) throws Exception {
        for (RedisLink link : links) {
            assertThat(link.awaitAnswer(Duration.ofMinutes(1)))
                    .as("%s", link.fault())
                    .isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rediss, the TLS handshake was not over within 300 ms",
        "redis,  'the login (HELLO, AUTH) was not answered within 300 ms'",
    })
    void silentServer_isSlow_andTheFaultNamesThePhase(String scheme, String said) throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            StoreFault fault = fault(scheme, silent.getLocalPort());
            assertThat(fault.said()).isEqualTo(said);
            assertThat(fault.kind()).isEqualTo(StoreFault.Kind.SLOW);
            assertThat(fault.isRefusal()).isFalse();
        }
    }

    @Test
    void serverThatAcceptsNothing_isAway() throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            for (int i = 0; i < 4; i++) {
                Socket socket = new Socket();
                waiting.add(socket);
                try {
                    socket.connect(full.getLocalSocketAddress(), 100);
                } catch (java.net.SocketTimeoutException nowFull) {
                    break;
                }
            }
            StoreFault fault = fault("rediss", full.getLocalPort());
            assertThat(fault.said()).isEqualTo("the TCP connection was not open within 300 ms");
            assertThat(fault.kind()).isEqualTo(StoreFault.Kind.AWAY);
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    /** As a load balancer without a server does: it says nothing about certificates, so a start still waits. */
    @Test
    void connectionThatIsClosedInTheHandshake_isAway() throws Exception {
        try (ServerSocket closing = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread closer = new Thread(() -> {
                try {
                    while (true) {
                        Socket socket = closing.accept();
                        socket.getInputStream().read(new byte[4096]);
                        socket.close();
                    }
                } catch (java.io.IOException closed) {
                    // The test is over.
                }
            });
            closer.setDaemon(true);
            closer.start();
            assertThat(fault("rediss", closing.getLocalPort()).kind()).isEqualTo(StoreFault.Kind.AWAY);
        }
    }

    /** The link is closed while it connects, which takes no longer than a process may take to end. */
    private static StoreFault fault(String scheme, int port) throws Exception {
        RedisAddress address = RedisAddress.parse(List.of(scheme + "://127.0.0.1:" + port));
        try (RedisLink link = RedisLink.open(address, TIMEOUT, Duration.ofMillis(300), StateListener.NONE)) {
            RedisProcess.until("it is known why", () -> link.fault() != null);
            return Objects.requireNonNull(link.fault());
        }
    }
}

package dev.errand.it;

import dev.errand.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/** The etcd that a kube-apiserver wants, alone, without a promise for what it holds when the machine stops. */
final class Etcd3 implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(30);

    private final int port = FreePort.next();
    private final ServerProcess server;

    Etcd3(Path directory) throws IOException {
        String peer = "http://127.0.0.1:" + FreePort.next();
        Path output = directory.resolve("etcd.out");
        server = new ServerProcess(
                output,
                Map.of(),
                RealServer.program("etcd3", "etcd/server").toString(),
                "--data-dir=" + directory.resolve("etcd"),
                "--unsafe-no-fsync",
                "--listen-client-urls=" + uri(),
                "--advertise-client-urls=" + uri(),
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer);
        try {
            Startup.await("etcd", server, output, READY, this::listens);
        } catch (AssertionError notReady) {
            server.close();
            throw notReady;
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    String uri() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.close();
    }
}

package dev.errand.agent.listen;

import dev.errand.agent.call.CallResources;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.GatewayAddress;
import dev.errand.agent.call.HeldTask;
import dev.errand.agent.call.KeptBodyMemory;
import dev.errand.agent.call.PartMemory;
import dev.errand.agent.call.Tally;
import dev.errand.holder.AgentKey;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The proxy alone, in this process, before a gateway of a test. */
final class TestCompanion implements AutoCloseable {
    static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static final String SECRET = "/0123456789abcdef0123456789abcdef";

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final Tally tally = new Tally();
    private final CallResources resources;
    private final int port;

    TestCompanion(String gateway, Duration wait) {
        this(gateway, wait, List.of(), Guard.NONE, "");
    }

    /** @param root the route that is its root; empty for none */
    TestCompanion(String gateway, Duration wait, List<String> ancestors, Guard guard, String root) {
        Connections connections = new Connections(loops.next(), GatewayAddress.parse("--gateway", gateway), null);
        HeldTask task = new HeldTask(AgentKey.generate(), "leaf", ancestors, "https://gateway.example.org");
        resources =
                new CallResources(connections, task, wait, tally, new PartMemory(), new KeptBodyMemory(), notes::add);
        port = new Listener(loops, resources, null, null)
                .listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), bound -> {
                    String origin = "http://127.0.0.1:" + ((InetSocketAddress) bound).getPort();
                    return new ListenerSettings(
                            root.isEmpty() ? Mount.of(SECRET, origin) : Mount.root(root, origin), guard, null);
                });
    }

    String url() {
        return "http://127.0.0.1:" + port + SECRET;
    }

    int port() {
        return port;
    }

    List<String> notes() {
        return notes;
    }

    List<String> tally() {
        return tally.lines();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path)).timeout(Duration.ofSeconds(30));
    }

    Socket connect() throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    /** Sends bytes on a connection of its own and gives all that comes back until it ends. */
    String raw(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            return all.toString(StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 0, java.util.concurrent.TimeUnit.SECONDS);
    }
}

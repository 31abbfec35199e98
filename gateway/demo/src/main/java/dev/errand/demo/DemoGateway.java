package dev.errand.demo;

import dev.errand.server.GatewayApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * The gateway itself, in this process, on loopback and on free ports.
 *
 * @param address where it is reached, and its identifier
 */
record DemoGateway(ConfigurableApplicationContext context, URI address) implements AutoCloseable {
    private static final int ATTEMPTS = 3;

    /** Starts it on the directory. Its identifier is its address, so the port is chosen beforehand. */
    static DemoGateway start(DemoDirectory configuration, Upstreams upstreams, boolean verbose) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int[] ports = freePorts();
            URI address = URI.create("http://127.0.0.1:" + ports[0]);
            List<String> properties = new ArrayList<>(upstreams.properties());
            properties.add("--errand.issuer=" + address);
            properties.add("--server.address=127.0.0.1");
            properties.add("--server.port=" + ports[0]);
            properties.add("--management.server.port=" + ports[1]);
            // The machine may be busy, and no scene is about a slow store.
            properties.add("--errand.state.timeout=2s");
            // No load balancer has to notice that the demonstration's gateway stops.
            properties.add("--errand.drain=0s");
            if (!verbose) {
                properties.add("--logging.level.root=off");
                properties.add("--logging.level.dev.errand=off");
            }
            try {
                return new DemoGateway(GatewayApplication.start(configuration.resolve(""), properties), address);
            } catch (RuntimeException failure) {
                if (attempt == ATTEMPTS || !isPortTaken(failure)) {
                    throw failure;
                }
            }
        }
    }

    private static boolean isPortTaken(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException) {
                return true;
            }
        }
        return false;
    }

    private static int[] freePorts() throws IOException {
        InetAddress loopback = InetAddress.getByName("127.0.0.1");
        try (ServerSocket traffic = new ServerSocket(0, 1, loopback);
                ServerSocket management = new ServerSocket(0, 1, loopback)) {
            return new int[] {traffic.getLocalPort(), management.getLocalPort()};
        }
    }

    @Override
    public void close() {
        context.close();
    }
}

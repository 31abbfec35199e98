package dev.errand.it;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A web server of an agent, on another port of the host of people's pages. A browser sends it the cookies of that host, and lets it set
 * such cookies.
 */
final class AttackersPort implements AutoCloseable {
    /** The fields {@code Cookie} that browsers sent. */
    final List<String> cookies = new CopyOnWriteArrayList<>();

    private final HttpServer server;
    private volatile List<String> sets = List.of();
    private volatile String leadsTo = "";

    AttackersPort() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 50);
        server.createContext("/", exchange -> {
            cookies.addAll(exchange.getRequestHeaders().getOrDefault("Cookie", List.of()));
            exchange.getResponseHeaders().put("Set-Cookie", sets);
            exchange.getResponseHeaders().set("Location", leadsTo);
            exchange.sendResponseHeaders(302, -1);
            exchange.close();
        });
        server.start();
    }

    /** The address of a page at that host which sets these cookies and leads on. */
    String page(String host, List<String> sets, String leadsTo) {
        this.sets = sets;
        this.leadsTo = leadsTo;
        return "http://" + host + ":" + server.getAddress().getPort() + "/approvals/page";
    }

    @Override
    public void close() {
        server.stop(0);
    }
}

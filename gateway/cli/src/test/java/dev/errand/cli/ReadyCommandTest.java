package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ReadyCommandTest {
    private final StringWriter words = new StringWriter();
    private HttpServer server;
    private int status = 200;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/elsewhere") ? 200 : status, -1);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private int run(String url) {
        CommandLine line = Errand.commandLine();
        line.setOut(new PrintWriter(words));
        line.setErr(new PrintWriter(words));
        return line.execute("ready", url);
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/actuator/health/readiness";
    }

    @Test
    void answer200_isReady() {
        assertThat(run(url())).isZero();
        assertThat(words.toString()).isEqualTo("ready" + System.lineSeparator());
    }

    @Test
    void anyOtherAnswer_isNot_aRedirectionToo() {
        status = 503;
        assertThat(run(url())).isEqualTo(1);
        status = 302;
        assertThat(run(url())).isEqualTo(1);
        assertThat(words.toString()).contains("not ready: the answer is 503", "not ready: the answer is 302");
    }

    @Test
    void noAnswer_isNotReady() {
        String url = url();
        server.stop(0);
        assertThat(run(url)).isEqualTo(1);
        assertThat(words.toString()).startsWith("not ready: ConnectException");
    }

    @Test
    void whatIsNoUrl_isAFaultOfTheCommandLine() {
        assertThat(run("9090")).isEqualTo(2);
        assertThat(run("ftp://127.0.0.1/")).isEqualTo(2);
        assertThat(words.toString()).contains("'9090' is no http or https URL");
    }
}

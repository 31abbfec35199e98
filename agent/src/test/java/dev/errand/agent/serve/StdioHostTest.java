package dev.errand.agent.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server over stdio behind HTTP: a shell script that does what each method says. Every bound is met. */
@Execution(ExecutionMode.CONCURRENT)
class StdioHostTest {
    private static final String TOKEN = "0123456789abcdef0123456789abcdef";
    private static final String EVENTS = "application/json, text/event-stream";

    /** Answers each request by its method, one a line. */
    private static final String SERVER = """
            say() { printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-11-25","said":"%s"}}\\n' "$id" "$1"; }
            progress() { printf '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":%s,"progress":1}}\\n' "$id"; }
            while IFS= read -r line; do
              id=$(printf '%s' "$line" | sed -n 's/.*"id":\\([^,}]*\\).*/\\1/p')
              case $line in
                *'"refuse"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-1,"message":"no"}}\\n' "$id" ;;
                *'"method":"initialize"'*) say hello ;;
                *'"method":"pid"'*) say $$ ;;
                *'"method":"die"'*) exit 3 ;;
                *'"method":"never"'*) ;;
                *'"method":"hold"'*) progress ;;
                *'"method":"deaf"'*) sleep 60 ;;
                *'"method":"babble"'*) echo banner; echo '[]'; echo '{}'; say after ;;
                *'"method":"noise"'*) i=0; while [ $i -lt 20 ]; do echo noise; i=$((i+1)); done; say after ;;
                *'"method":"long"'*) head -c 5000000 /dev/zero | tr '\\0' x; echo ;;
                *'"method":"large"'*) printf '{"jsonrpc":"2.0","id":%s,"result":"' "$id"; head -c 3000000 /dev/zero | tr '\\0' x; echo '"}' ;;
                *'"method":"ask"'*) echo '{"jsonrpc":"2.0","id":"s1","method":"roots/list"}'; asker=$id ;;
                *'"id":"s1"'*) id=$asker; say answered ;;
                *'"method":"progress"'*) progress; say done ;;
                *'"method":"notifications/initialized"'*) echo '{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}' ;;
                *'notifications/cancelled'*) echo "cancelled $line" >&2 ;;
              esac
            done
            """;

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private StdioHost host;
    private int port;

    @AfterEach
    void stop() {
        if (host != null) {
            host.close();
            assertThat(host.processes()).as("processes are left").isZero();
        }
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    /** Long bounds, but for those that a test is about. */
    private static Bounds bounds(int processes, int inFlight, int badLines, Duration answer, Duration idle) {
        Duration day = Duration.ofDays(1);
        return new Bounds(
                processes, inFlight, badLines, answer, answer, day, idle, day, day, day, Duration.ofMillis(200));
    }

    private static Bounds bounds() {
        return bounds(64, 64, 100, Duration.ofDays(1), Duration.ofDays(1));
    }

    private void serve(Bounds bounds, String... command) {
        host = new StdioHost(
                loops.next(),
                command.length == 0 ? List.of("sh", "-c", SERVER) : List.of(command),
                TOKEN,
                bounds,
                notes::add);
        port = host.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private HttpRequest.Builder request(String session) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/mcp"))
                .timeout(Duration.ofSeconds(60))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .header("Accept", EVENTS);
        return session == null ? builder : builder.header("Mcp-Session-Id", session);
    }

    private CompletableFuture<HttpResponse<String>> posting(String session, String json) {
        return HTTP.sendAsync(
                request(session).POST(BodyPublishers.ofString(json)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String session, String json) {
        return posting(session, json).join();
    }

    private static String message(String id, String method) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method
                + "\",\"params\":{\"_meta\":{\"progressToken\":" + id + "}}}";
    }

    private String begin() {
        HttpResponse<String> answer = post(null, message("0", "initialize"));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.body()).contains("\"said\":\"hello\"");
        return answer.headers().firstValue("Mcp-Session-Id").orElseThrow();
    }

    /** Makes a request that is never answered, and returns when the server has read it. */
    private void hold(String session, String id) throws Exception {
        HttpRequest request = request(session)
                .POST(BodyPublishers.ofString(message(id, "hold")))
                .build();
        assertThat(HTTP.send(request, BodyHandlers.ofInputStream()).statusCode())
                .isEqualTo(200);
    }

    /** Sends bytes on a connection of its own and gives all that comes back until it ends. */
    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            socket.getInputStream().transferTo(all);
            return all.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private BufferedReader listen(String session) throws Exception {
        HttpResponse<InputStream> stream = HTTP.send(request(session).GET().build(), BodyHandlers.ofInputStream());
        assertThat(stream.statusCode()).isEqualTo(200);
        return new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));
    }

    @Test
    void sessions_haveAProcessEach_thatEndsWithThem() throws Exception {
        serve(bounds());
        String one = begin();
        String two = begin();
        assertThat(host.processes()).isEqualTo(2);
        String first = post(one, message("1", "pid")).body();
        assertThat(first).isEqualTo(post(one, message("1", "pid")).body());
        assertThat(first).isNotEqualTo(post(two, message("1", "pid")).body());
        assertThat(HTTP.send(request(one).DELETE().build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(202);
        assertThat(post(one, message("2", "pid")).statusCode()).isEqualTo(404);
        assertThat(post(two, message("2", "pid")).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST /mcp | Host: 127.0.0.1:8300 | 401",
                "POST /mcp | Host: 127.0.0.1~Authorization: Bearer other | 401",
                "POST /mcp | Host: 127.0.0.1~Authorization: Basic TOKEN | 401",
                "POST /mcp | Host: 127.0.0.1~Authorization: Bearer TOKEN~Authorization: Bearer TOKEN | 401",
                "POST /mcp | Host: rebound.example.org~Authorization: Bearer TOKEN | 403",
                "POST /mcp | Host: 127.0.0.1.example.org~Authorization: Bearer TOKEN | 403",
                "POST /mcp | Host: localhost:80~Authorization: Bearer TOKEN~Origin: http://localhost | 403",
                "POST /mcp | Host: localhost~Authorization: Bearer TOKEN~Origin: null | 403",
                "POST /other | Host: localhost~Authorization: Bearer TOKEN | 404",
                "POST /mcp?a | Host: localhost~Authorization: Bearer TOKEN | 404",
                "PUT /mcp | Host: [::1]:8300~Authorization: Bearer TOKEN | 405",
                "POST /mcp | Host: [::1]:8300~Authorization: Bearer TOKEN | 415",
                "POST /mcp | Host: [::1]~Authorization: bearer TOKEN~Content-Type: application/json~Content-Length: 1048577 | 413",
                "GET /mcp | Host: localhost~Authorization: Bearer TOKEN | 400"
            })
    void requests_thatAreNotTheGateways_areRefusedBeforeTheirBody(String line, String headers, int status)
            throws Exception {
        serve(bounds());
        String head = line + " HTTP/1.1\r\n" + headers.replace("~", "\r\n").replace("TOKEN", TOKEN)
                + "\r\nConnection: close\r\n\r\n";
        assertThat(raw(head)).startsWith("HTTP/1.1 " + status + " ");
        assertThat(host.processes()).isZero();
    }

    @Test
    void messages_thatAreNone_andRequestsWithoutASession_areRefused() {
        serve(bounds());
        assertThat(post(null, "{").statusCode()).isEqualTo(400);
        assertThat(post(null, "[" + message("1", "initialize") + "]").statusCode())
                .as("a batch")
                .isEqualTo(400);
        assertThat(post(null, message("1", "server/discover")).body()).contains("begin with initialize", "\"id\":1");
        assertThat(post("0123456789abcdef", message("1", "pid")).statusCode()).isEqualTo(404);
        String longest = "\"" + "a".repeat(254) + "\"";
        assertThat(post(null, message(longest, "server/discover")).body()).contains("begin with initialize", longest);
        HttpResponse<String> tooLong = post(null, message("\"a" + longest.substring(1), "initialize"));
        assertThat(tooLong.statusCode()).isEqualTo(400);
        assertThat(tooLong.body()).contains("\"id\":null", "has more than 256 characters");
        assertThat(host.processes()).isZero();
    }

    @Test
    void messagesOfTheServer_goWhereTheyBelong() throws Exception {
        serve(bounds());
        String session = begin();
        assertThat(post(session, message("1", "progress")).body())
                .startsWith("data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"")
                .contains("\"said\":\"done\"");
        // What the server says now waits for the stream.
        assertThat(post(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}")
                        .statusCode())
                .isEqualTo(202);
        try (BufferedReader stream = listen(session)) {
            assertThat(stream.readLine()).contains("list_changed");
            CompletableFuture<HttpResponse<InputStream>> asking = HTTP.sendAsync(
                    request(session)
                            .POST(BodyPublishers.ofString(message("2", "ask")))
                            .build(),
                    BodyHandlers.ofInputStream());
            BufferedReader asked =
                    new BufferedReader(new InputStreamReader(asking.get().body(), StandardCharsets.UTF_8));
            assertThat(asked.readLine()).contains("roots/list");
            assertThat(post(session, "{\"jsonrpc\":\"2.0\",\"id\":\"s1\",\"result\":{\"roots\":[]}}")
                            .statusCode())
                    .isEqualTo(202);
            assertThat(asked.lines().reduce("", String::concat)).contains("\"said\":\"answered\"");
            // A second stream takes the place of the first.
            try (BufferedReader second = listen(session)) {
                assertThat(stream.lines().reduce("", String::concat)).isEmpty();
                post(session, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}");
                assertThat(second.readLine()).contains("list_changed");
            }
        }
    }

    @Test
    void client_thatTakesNoEvents_getsOneMessage() throws Exception {
        serve(bounds());
        String session = begin();
        HttpRequest plain = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/mcp"))
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .header("Mcp-Session-Id", session)
                .POST(BodyPublishers.ofString(message("1", "progress")))
                .build();
        assertThat(HTTP.send(plain, BodyHandlers.ofString()).body())
                .startsWith("{")
                .contains("\"said\":\"done\"");
        HttpRequest get = HttpRequest.newBuilder(plain.uri())
                .header("Authorization", "Bearer " + TOKEN)
                .header("Accept", "application/json")
                .header("Mcp-Session-Id", session)
                .build();
        assertThat(HTTP.send(get, BodyHandlers.ofString()).statusCode()).isEqualTo(406);
    }

    @Test
    void output_thatIsNoMessage_isLeftOut_untilItIsTooMuch() {
        serve(bounds(64, 64, 20, Duration.ofDays(1), Duration.ofDays(1)));
        String session = begin();
        assertThat(post(session, message("1", "babble")).body()).contains("\"said\":\"after\"");
        assertThat(notes)
                .singleElement()
                .asString()
                .contains("held no JSON-RPC message")
                .doesNotContain("banner");
        HttpResponse<String> noisy = post(session, message("2", "noise"));
        assertThat(noisy.statusCode()).isEqualTo(502);
        assertThat(noisy.body()).contains("the server's output is no MCP", "\"id\":2");
        assertThat(post(session, message("3", "pid")).statusCode()).isEqualTo(404);
    }

    @Test
    void message_upTo4MiB_passes_andALongerOneEndsTheSession() {
        serve(bounds());
        String session = begin();
        List<CompletableFuture<HttpResponse<String>>> large = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            large.add(posting(begin(), message("1", "large")));
        }
        large.forEach(each -> assertThat(each.join().body()).hasSizeGreaterThan(3_000_000));
        HttpResponse<String> longer = post(session, message("1", "long"));
        assertThat(longer.statusCode()).isEqualTo(502);
        assertThat(longer.body()).contains("longer than 4 MiB");
    }

    @Test
    void serverThatDies_isAnErrorOfAllThatWait_andTheSessionIsOver() throws Exception {
        Path file = Files.createTempFile("taken", ".id");
        serve(bounds(), "sh", "-c", SERVER.replace("\"never\"'*)", "\"never\"'*) echo $id > " + file));
        String session = begin();
        CompletableFuture<HttpResponse<String>> waits = posting(session, message("\"w\"", "never"));
        // The two requests come by connections of their own: the second must not overtake the first.
        while (Files.size(file) == 0 && !waits.isDone()) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        HttpResponse<String> died = post(session, message("1", "die"));
        assertThat(died.statusCode()).isEqualTo(502);
        assertThat(died.body()).contains("the server has ended", "\"id\":1");
        assertThat(waits.get().body()).contains("the server has ended", "\"id\":\"w\"");
        assertThat(post(session, message("2", "pid")).statusCode()).isEqualTo(404);
        assertThat(begin()).isNotEqualTo(session);
    }

    @Test
    void processesThatAWrapperLeft_areEnded() throws Exception {
        Path file = Files.createTempFile("left", ".pid");
        serve(bounds(), "sh", "-c", "sleep 1000 > /dev/null 2>&1 & echo $! > " + file + "\n" + SERVER);
        String session = begin();
        ProcessHandle left =
                ProcessHandle.of(Long.parseLong(Files.readString(file).strip())).orElseThrow();
        assertThat(left.isAlive()).isTrue();
        assertThat(post(session, message("1", "die")).statusCode()).isEqualTo(502);
        left.onExit().get(30, TimeUnit.SECONDS);
    }

    @Test
    void longMessageThatIsNotTaken_givesWayToOthers() throws Exception {
        Duration day = Duration.ofDays(1);
        // Longer than a client that takes its answer rests, also on a busy machine.
        serve(new Bounds(64, 64, 100, day, day, day, day, day, day, Duration.ofSeconds(2), Duration.ofMillis(200)));
        List<Socket> slow = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String session = begin();
            byte[] body = message("1", "large").getBytes(StandardCharsets.UTF_8);
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.getOutputStream()
                    .write(("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + TOKEN
                                    + "\r\nMcp-Session-Id: " + session
                                    + "\r\nContent-Type: application/json\r\nAccept: "
                                    + EVENTS + "\r\nContent-Length: " + body.length + "\r\n\r\n"
                                    + new String(body, StandardCharsets.UTF_8))
                            .getBytes(StandardCharsets.UTF_8));
            slow.add(socket);
        }
        assertThat(post(begin(), message("1", "large")).body()).hasSizeGreaterThan(3_000_000);
        for (Socket each : slow) {
            each.close();
        }
    }

    @Test
    void serverThatCannotBeRun_orRefusesTheSession_leavesNoProcess() {
        serve(bounds(), "/nowhere/server");
        HttpResponse<String> answer = post(null, message("1", "initialize"));
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(answer.body()).contains("the server cannot be run");
        host.close();
        serve(bounds());
        HttpResponse<String> refused =
                post(null, "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"a\":\"refuse\"}}");
        assertThat(refused.body()).contains("\"message\":\"no\"");
        String session = refused.headers().firstValue("Mcp-Session-Id").orElseThrow();
        assertThat(post(session, message("2", "pid")).statusCode()).isEqualTo(404);
    }

    @Test
    void serverThatNeverAnswers_isGivenUp_andAfterInitializeTheSessionToo() {
        serve(bounds(64, 64, 100, Duration.ofMillis(1_500), Duration.ofDays(1)));
        String session = begin();
        HttpResponse<String> late = post(session, message("1", "never"));
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body()).contains("did not answer in time", "\"id\":1");
        assertThat(post(session, message("2", "pid")).statusCode())
                .as("the session goes on")
                .isEqualTo(200);
        host.close();
        serve(bounds(64, 64, 100, Duration.ofMillis(300), Duration.ofDays(1)), "cat", "/dev/zero");
        assertThat(post(null, message("1", "initialize")).statusCode()).isIn(502, 504);
        host.close();
        serve(bounds(64, 64, 100, Duration.ofMillis(300), Duration.ofDays(1)), "sleep", "1000");
        assertThat(post(null, message("1", "initialize")).statusCode()).isEqualTo(504);
    }

    /** A proxy gives up what says nothing for a minute. */
    @Test
    void quietAnswer_becomesAStream() throws Exception {
        Duration day = Duration.ofDays(1);
        // Longer than the server needs for its first answer, also on a busy machine.
        serve(new Bounds(64, 64, 100, day, day, Duration.ofSeconds(1), day, day, day, day, Duration.ofMillis(200)));
        String session = begin();
        HttpResponse<InputStream> quiet = HTTP.send(
                request(session)
                        .POST(BodyPublishers.ofString(message("1", "never")))
                        .build(),
                BodyHandlers.ofInputStream());
        assertThat(quiet.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(quiet.body(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).isEqualTo(": alive");
            post(session, message("2", "die"));
            assertThat(lines.lines().filter(line -> line.startsWith("data: ")))
                    .singleElement()
                    .asString()
                    .contains("the server has ended", "\"id\":1");
        }
    }

    @Test
    void requests_beyondWhatMayWait_areRefused() throws Exception {
        serve(bounds(64, 2, 100, Duration.ofDays(1), Duration.ofDays(1)));
        String session = begin();
        hold(session, "1");
        hold(session, "2");
        assertThat(post(session, message("2", "pid")).statusCode())
                .as("an id that is in use")
                .isEqualTo(409);
        HttpResponse<String> third = post(session, message("3", "never"));
        assertThat(third.statusCode()).isEqualTo(429);
        assertThat(third.headers().firstValue("Retry-After")).hasValue("1");
    }

    @Test
    void serverThatDoesNotRead_takesNoMoreMessages() {
        serve(bounds(64, 1_000, 100, Duration.ofDays(1), Duration.ofDays(1)));
        String session = begin();
        posting(session, message("1", "deaf"));
        String large = "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":{\"a\":\"" + "x".repeat(900_000)
                + "\"}}";
        int status = 202;
        for (int i = 0; i < 10 && status == 202; i++) {
            status = post(session, large).statusCode();
        }
        assertThat(status).isEqualTo(503);
    }

    @Test
    void sessions_beyondTheMost_areRefused_unlessOneIsUnused() throws Exception {
        Duration day = Duration.ofDays(1);
        serve(new Bounds(2, 64, 100, day, day, day, day, Duration.ofMillis(1), day, day, Duration.ofMillis(200)));
        String first = begin();
        String second = begin();
        hold(first, "1");
        hold(second, "1");
        HttpResponse<String> third = post(null, message("1", "initialize"));
        assertThat(third.statusCode()).as("both are in use").isEqualTo(503);
        assertThat(third.body()).contains("2 sessions are open already");
        HTTP.send(request(second).DELETE().build(), BodyHandlers.ofString());
        HttpResponse<String> again = post(null, message("1", "initialize"));
        while (again.statusCode() == 503) {
            // Its process is ending.
            again = post(null, message("1", "initialize"));
        }
        String unused = again.headers().firstValue("Mcp-Session-Id").orElseThrow();
        while (post(null, message("1", "initialize")).statusCode() == 503) {
            Thread.onSpinWait();
        }
        assertThat(post(unused, message("2", "pid")).statusCode())
                .as("it made room")
                .isEqualTo(404);
    }

    @Test
    void sessionThatNobodyUses_ends() {
        Duration day = Duration.ofDays(1);
        serve(new Bounds(
                64,
                64,
                100,
                day,
                day,
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                day,
                day,
                day,
                Duration.ofMillis(200)));
        assertThat(post(null, message("0", "initialize")).statusCode()).isEqualTo(200);
        while (host.processes() > 0) {
            Thread.onSpinWait();
        }
    }

    @Test
    void body_thatDoesNotCome_endsItsConnection() throws Exception {
        Duration day = Duration.ofDays(1);
        serve(new Bounds(64, 64, 100, day, day, day, day, day, Duration.ofMillis(100), day, Duration.ofMillis(200)));
        assertThat(raw("POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN
                        + "\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{"))
                .isEmpty();
    }

    /** 16 MiB for all bodies that are being read: of 17 requests that announce 1 MiB each, one is refused. */
    @Test
    void bodies_haveABoundTogether() throws Exception {
        serve(bounds());
        String head = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + TOKEN
                + "\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n";
        List<Socket> open = new ArrayList<>();
        try {
            for (int i = 0; i < 17; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
                open.add(socket);
                socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(firstAnswer(open)).isEqualTo("HTTP/1.1 503 ");
        } finally {
            for (Socket socket : open) {
                socket.close();
            }
        }
        // The server learns of the closed connections one after the other.
        int status = 503;
        while (status == 503) {
            status = post(null, message("0", "initialize")).statusCode();
        }
        assertThat(status).isEqualTo(200);
    }

    /** The first 13 bytes that the server says to one of these connections: which one it is, is open. */
    private static String firstAnswer(List<Socket> sockets) throws IOException {
        while (true) {
            for (Socket socket : sockets) {
                socket.setSoTimeout(20);
                try {
                    return new String(socket.getInputStream().readNBytes(13), StandardCharsets.US_ASCII);
                } catch (SocketTimeoutException notThisOne) {
                    // The next one is asked.
                }
            }
        }
    }
}

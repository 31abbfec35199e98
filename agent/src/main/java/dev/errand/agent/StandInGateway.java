package dev.errand.agent;

import dev.errand.holder.AgentKey;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * The server that a rehearsal calls instead of a gateway. It answers the companion's requests without checking any
 * credential. Blocks.
 */
final class StandInGateway implements Runnable {
    private static final String ROUTES = "{\"task\":\"t-rehearsal\",\"routes\":["
            + "{\"id\":\"k8s\",\"path\":\"/k8s\",\"catalogue\":\"k8s\",\"resolver\":\"kubernetes\",\"refusals\":\"kubernetes\"},"
            + "{\"id\":\"s3\",\"path\":\"/s3\",\"catalogue\":\"s3\",\"resolver\":\"s3\",\"refusals\":\"s3\"},"
            + "{\"id\":\"registry\",\"path\":\"/registry\",\"catalogue\":\"registry\",\"resolver\":\"template\",\"refusals\":\"oci\"}]}";

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final String token;

    StandInGateway() throws IOException {
        JsonObject task = new JsonObject(Map.of("id", new JsonString("t-rehearsal")));
        token = AgentKey.generate()
                .sign(new JsonObject(Map.of("alg", new JsonString("Ed25519"))), new JsonObject(Map.of("task", task)));
    }

    String url() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    @Override
    public void run() {
        while (true) {
            try {
                Socket socket = listener.accept();
                Thread serving = new Thread(() -> serve(socket), "stand-in");
                serving.setDaemon(true);
                serving.start();
            } catch (IOException over) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            for (String head = head(socket.getInputStream()); !head.isEmpty(); head = head(socket.getInputStream())) {
                socket.getInputStream().readNBytes(length(head));
                String body = body(head.split(" ")[1]);
                String answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nErrand-Decision: d\r\n"
                        + "Errand-Operation: k8s:pods.list\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
                socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
            }
        } catch (IOException gone) {
            // The companion has ended.
        }
    }

    private String body(String target) {
        return switch (target) {
            case "/.well-known/oauth-authorization-server" -> "{\"issuer\":\"" + url() + "\"}";
            case "/oauth2/token" -> "{\"access_token\":\"" + token + "\",\"task_id\":\"t-rehearsal\"}";
            case "/oauth2/task" -> ROUTES;
            default -> "{}";
        };
    }

    private static int length(String head) {
        for (String line : head.split("\r\n")) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                return Integer.parseInt(line.substring(15).strip());
            }
        }
        return 0;
    }

    /** The head of a request or of an answer; empty at the connection's end. */
    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int ending = 0;
        for (int next = in.read(); next >= 0; next = in.read()) {
            head.write(next);
            ending = next == (ending % 2 == 0 ? '\r' : '\n') ? ending + 1 : next == '\r' ? 1 : 0;
            if (ending == 4) {
                return head.toString(StandardCharsets.ISO_8859_1);
            }
        }
        return "";
    }
}

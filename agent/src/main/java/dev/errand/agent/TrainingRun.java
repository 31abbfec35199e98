package dev.errand.agent;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A run of the companion against a stand-in for the gateway: one with a COMMAND, then one without, and some calls. From
 * it {@code deploy/start-cache} makes the archive of the classes that a start loads.
 */
public final class TrainingRun {
    private static final int CALLS = 200;
    private static final int LOOKS = 500;
    private static final String AGENT = "ERRAND_AGENT=";

    private TrainingRun() {}

    /** Runs the rehearsal. The exit code is 0 if every call was answered. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        StandInGateway gateway = new StandInGateway();
        daemon(gateway);
        Path token = Files.createTempFile("errand-rehearsal", ".jwt");
        Files.writeString(token, "of.the.rehearsal");
        String[] options = {
            "--gateway",
            gateway.url(),
            "--template",
            "t",
            "--param",
            "a=b",
            "--subject-token",
            "@" + token,
            "--svid",
            "@" + token
        };
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        int status = Agent.execute(with(options, "--", "true"));
        daemon(() -> Agent.execute(with(options, "--peer", "same-user")));
        String url = url(said);
        for (int i = 0; i < CALLS && status == 0; i++) {
            status = call(URI.create(url)) ? 0 : 1;
        }
        Files.delete(token);
        System.exit(status);
    }

    private static void daemon(Runnable task) {
        Thread thread = new Thread(task, "rehearsal");
        thread.setDaemon(true);
        thread.start();
    }

    private static String[] with(String[] options, String... more) {
        String[] all = java.util.Arrays.copyOf(options, options.length + more.length);
        System.arraycopy(more, 0, all, options.length, more.length);
        return all;
    }

    private static String url(ByteArrayOutputStream said) throws InterruptedException {
        for (int i = 0; i < LOOKS; i++) {
            String text = said.toString(StandardCharsets.UTF_8);
            int at = text.indexOf(AGENT);
            if (at >= 0 && text.indexOf('\n', at) > 0) {
                return text.substring(at + AGENT.length(), text.indexOf('\n', at));
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        throw new IllegalStateException(said.toString(StandardCharsets.UTF_8));
    }

    private static boolean call(URI url) throws IOException {
        try (Socket tool = new Socket(url.getHost(), url.getPort())) {
            String request = "POST " + url.getPath() + "/k8s/api HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
            tool.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return StandInGateway.head(tool.getInputStream()).startsWith("HTTP/1.1 200");
        }
    }
}

package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.FreePort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How long ordinary clients take through companion and gateway, beside the same command straight to the server. Run by
 * {@code load-tests/companion}, which prints what it writes.
 */
class CompanionMeasurement {
    private static final Path RESULT =
            Path.of(System.getProperty("basedir", ".")).resolve("target/companion.txt");
    private static final int ROUNDS = Integer.getInteger("companion.rounds", 10);
    private static final int WARM = 2;
    private static final int TOOL_CALLS = 1_000;

    private static final String TOOK =
            "took() { b=$(date +%s%N); \"$@\"; e=$(date +%s%N); echo took $(( (e - b) / 1000 )); }\n";

    @TempDir
    private Path directory;

    @BeforeAll
    static void begin() throws IOException {
        Files.writeString(
                RESULT,
                "| median (fastest tenth) | straight: ms | through companion and gateway: ms |\n|---|---|---|\n");
    }

    /** Adds a row: the medians, and the fastest tenth, of what both printed as {@code took}, in microseconds. */
    private static void row(String client, ServerProcess.Outcome straight, ServerProcess.Outcome through)
            throws IOException {
        double[] one = took(straight);
        double[] other = took(through);
        Files.writeString(
                RESULT,
                String.format(
                        Locale.ROOT,
                        "| %s | %.1f (%.1f) | %.1f (%.1f) |%n",
                        client,
                        one[one.length / 2],
                        one[one.length / 10],
                        other[other.length / 2],
                        other[other.length / 10]),
                StandardOpenOption.APPEND);
    }

    private static double[] took(ServerProcess.Outcome outcome) {
        assertThat(outcome.exit()).as(outcome.text()).isZero();
        double[] took = outcome.text()
                .lines()
                .filter(line -> line.startsWith("took "))
                .skip(WARM)
                .mapToDouble(line -> Double.parseDouble(line.substring("took ".length())) / 1000)
                .sorted()
                .toArray();
        assertThat(took).as(outcome.text()).isNotEmpty();
        return took;
    }

    private ServerProcess.Outcome straight(Map<String, String> environment, String script) throws Exception {
        ProcessBuilder builder = new ProcessBuilder("sh", "-ec", script);
        Map<String, String> all = new HashMap<>(environment);
        all.put("HOME", directory.toString());
        builder.environment().putAll(all);
        return ServerProcess.end(builder, "");
    }

    private static String rounds(String before, String command) {
        return TOOK + "i=0; while [ $i -lt " + (ROUNDS + WARM) + " ]; do i=$((i + 1)); " + before + command + "; done";
    }

    @Test
    void gitClone() throws Exception {
        try (GiteaServer server = new GiteaServer(directory)) {
            server.repository("app", "APP.md", "of app");
            String clone = "took git clone -q $AT/errand/app.git copy";
            String before = "rm -rf copy; ";
            String address = server.uri().replace("http://", "http://errand:" + server.gatewaysToken() + '@');
            try (FrontedServer fronted =
                    Client.fronted("git", server, new Page("docs/operations/git.md").grants("# git clone"))) {
                String script = "cd " + directory + "\n" + rounds(before, clone);
                row(
                        "`git clone` of a small repository",
                        straight(Map.of("AT", address), script),
                        Companion.of(fronted, directory).run("sh", "-ec", "AT=$ERRAND_ROUTE_GIT\n" + script));
            }
        }
    }

    @Test
    void rcloneOf200Files() throws Exception {
        RealServer.fetch("s3-tools");
        Path many = Files.createDirectories(directory.resolve("many"));
        for (int i = 0; i < 200; i++) {
            Files.writeString(many.resolve("f" + i + ".txt"), "report " + i);
        }
        try (MinioServer server = new MinioServer(directory)) {
            Files.createDirectories(directory.resolve("minio-drive/reports"));
            String script =
                    """
                    cd %s
                    unset AWS_CA_BUNDLE
                    export RCLONE_CONFIG_R_TYPE=s3 RCLONE_CONFIG_R_PROVIDER=Minio RCLONE_CONFIG_R_ENV_AUTH=true
                    export RCLONE_CONFIG_R_ENDPOINT=$AWS_ENDPOINT_URL_S3 RCLONE_CONFIG_R_REGION=$AWS_REGION
                    """.formatted(directory) + rounds("", "took rclone --retries 1 copy many R:reports/$WHO-$i");
            try (FrontedServer fronted = Client.fronted("s3", server, "  \"s3:*\": {effects: [read, list, write]}\n")) {
                row(
                        "`rclone copy` of 200 files",
                        straight(
                                Map.of(
                                        "WHO",
                                        "straight",
                                        "AWS_ENDPOINT_URL_S3",
                                        server.uri(),
                                        "AWS_REGION",
                                        "us-east-1",
                                        "AWS_ACCESS_KEY_ID",
                                        MinioServer.USER,
                                        "AWS_SECRET_ACCESS_KEY",
                                        MinioServer.SECRET),
                                script),
                        Companion.of(fronted, directory).with("WHO", "through").run("sh", "-ec", script));
            }
        }
    }

    @Test
    void toolOfMcp() throws Exception {
        String python = RealServer.program("mcp", "mcp-python/bin/python").toString();
        Path clients = RunningGateway.repository().resolve("gateway/cli/src/test/clients");
        int port = FreePort.next();
        String client = Files.writeString(directory.resolve("calls.py"), """
                import asyncio, sys, time
                from mcp import Client

                async def main():
                    async with Client(sys.argv[1], mode="auto", read_timeout_seconds=30) as client:
                        for _ in range(%d):
                            begun = time.perf_counter()
                            result = await client.call_tool("get_current_time", {"timezone": "Europe/Berlin"})
                            assert not result.is_error
                            print("took", int((time.perf_counter() - begun) * 1e6))

                asyncio.run(main())
                """.formatted(TOOL_CALLS))
                .toString();
        try (RealServer server = RealServer.start(
                        directory,
                        "mcp-time",
                        port,
                        "/mcp",
                        Map.of("PYTHONDONTWRITEBYTECODE", "1"),
                        python,
                        clients.resolve("mcp_time_server.py").toString(),
                        Integer.toString(port));
                FrontedServer fronted = FrontedServer.start(
                        "tools",
                        server.uri(),
                        new Page("docs/operations/mcp.md").grants("# one tool of the time server"))) {
            String command = python + " " + client + " ";
            row(
                    "a call of a tool by MCP's SDK for Python",
                    straight(Map.of(), command + server.uri() + "/mcp"),
                    Companion.of(fronted, directory).run("sh", "-ec", command + "$ERRAND_ROUTE_TOOLS"));
        }
    }
}

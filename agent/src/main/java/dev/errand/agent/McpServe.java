package dev.errand.agent;

import dev.errand.agent.serve.Bounds;
import dev.errand.agent.serve.StdioHost;
import dev.errand.holder.AgentException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand mcp-serve}: serves an MCP server over stdio as an upstream over HTTP. */
@Command(
        name = McpServe.COMMAND,
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Serves COMMAND, an MCP server over standard input and output, as streamable HTTP on loopback, for a route of the",
            "gateway. Each session has a process of its own, at most 64. Only requests with the token in FILE are taken.",
            ""
        },
        footer = {
            "",
            "  errand mcp-serve --listen 127.0.0.1:8300 --token credentials/files-token -- npx -y @modelcontextprotocol/server-filesystem /srv",
            "",
            "In the gateway's configuration the route's uri is http://127.0.0.1:8300, the catalogue's path /mcp, and the route's",
            "UpstreamCredential is {bearer: {file: \"file:credentials/files-token\"}}."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:ended by a signal", "1:cannot be started; standard error says why", "2:wrong options"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class McpServe implements Callable<Integer> {
    /** The first word of the command line. */
    static final String NAME = "mcp-serve";

    /** The command as people type it. */
    static final String COMMAND = "errand " + NAME;

    private static final int WRONG_OPTIONS = 2;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:0",
            description =
                    "Where to listen: a loopback address and port (${DEFAULT-VALUE}: any free port, which is printed).")
    String address;

    @Option(
            names = "--token",
            paramLabel = "FILE",
            defaultValue = "mcp-serve.token",
            description = "The file with the bearer token, made with mode 0600 if it is not there (${DEFAULT-VALUE}).")
    Path token;

    @Parameters(paramLabel = "COMMAND", description = "The MCP server, with its arguments, after --.")
    List<String> command = new ArrayList<>();

    @Override
    public Integer call() {
        InetSocketAddress at;
        try {
            at = LoopbackAddress.parse("--listen", address);
            if (command.isEmpty()) {
                throw new AgentException("mcp-serve needs the COMMAND of an MCP server after --");
            }
        } catch (AgentException wrong) {
            note(String.valueOf(wrong.getMessage()));
            return WRONG_OPTIONS;
        }
        Signals signals = Signals.taken();
        String shown = BearerFile.readOrCreate(token);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("errand-mcp-serve", true), NioIoHandler.newFactory());
        try (StdioHost host = new StdioHost(loops.next(), command, shown, Bounds.DEFAULT, McpServe::note)) {
            int port = host.listen(at);
            note("http://" + LoopbackAddress.text(at, port) + "/mcp, by the token in " + token);
            signals.awaitEnd();
            return 0;
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
    }

    private static void note(String line) {
        Agent.say(COMMAND, line);
    }
}

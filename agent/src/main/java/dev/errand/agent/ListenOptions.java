package dev.errand.agent;

import dev.errand.agent.listen.PeerUsers;
import dev.errand.holder.AgentException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How tools reach the companion, and what they may do with it. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class ListenOptions {
    static final String UNIX = "unix:";
    private static final String SAME_USER = "same-user";
    private static final String ANY = "any";

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            defaultValue = "127.0.0.1:0",
            description = "Where to listen: a loopback address and port, or unix:PATH (${DEFAULT-VALUE}).")
    String address;

    @Option(
            names = "--listen-route",
            paramLabel = "ROUTE[=ADDRESS]",
            description = "One more port, whose root is this route: for tools that accept no path prefix.")
    List<String> routes = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "30s",
            defaultValue = "30s",
            description = "How long to repeat a refused call that may pass later (${DEFAULT-VALUE}).")
    String wait;

    @Option(
            names = "--peer",
            paramLabel = "same-user|any",
            description = {
                "Whose processes may connect over TCP: this user's, COMMAND's and root's, or any user's (with a COMMAND",
                "same-user, else any)."
            })
    @Nullable String peer;

    @Option(names = "--tls", description = "Speak TLS to the tools, by an authority that is made for this run.")
    boolean tls;

    @Option(names = "--mcp", paramLabel = "ROUTE", description = "Be an MCP server on standard input and output.")
    @Nullable String mcp;

    @Option(
            names = "--derive",
            paramLabel = "N",
            defaultValue = "0",
            description = "Let COMMAND derive at most N narrower children (none).")
    int derive;

    @Option(names = "--keep-env", description = "Keep the variables of COMMAND that are set already.")
    boolean keepEnvironment;

    @Option(
            names = "--environment",
            paramLabel = "FILE",
            description = {
                "Without a COMMAND: write the variables to FILE, mode 0600, and not to standard error. For an agent in",
                "another container, whose shell reads the file by '. FILE'. The file is removed at the end."
            })
    @Nullable Path environment;

    /** The TCP addresses to listen on. */
    Set<InetAddress> addresses() {
        Set<InetAddress> all = new LinkedHashSet<>();
        if (!address.startsWith(UNIX)) {
            all.add(LoopbackAddress.parse("--listen", address).getAddress());
        }
        for (String route : routes) {
            int equals = route.indexOf('=');
            if (equals >= 0) {
                String at = route.substring(equals + 1);
                all.add(LoopbackAddress.parse("--listen-route", at).getAddress());
            }
        }
        return all;
    }

    /** Whether only the processes of the companion's user, of COMMAND's and of root may connect over TCP. */
    boolean isSameUser(boolean hasCommand) {
        return peer == null ? hasCommand && PeerUsers.isKnown() : peer.equals(SAME_USER);
    }

    /** Checks the options by themselves, before a task is started. */
    void check() {
        Input.duration("--wait", wait);
        addresses();
        if (address.startsWith(UNIX) && (tls || derive > 0 || !routes.isEmpty())) {
            throw new AgentException("--tls, --derive and --listen-route do not go with --listen unix:PATH");
        }
        if (peer != null && !peer.equals(SAME_USER) && !peer.equals(ANY)) {
            throw new AgentException("--peer must be same-user or any, was '" + peer + "'");
        }
        if (SAME_USER.equals(peer) && !PeerUsers.isKnown()) {
            throw new AgentException(
                    "--peer same-user: only Linux tells whose process connects; use --listen unix:PATH");
        }
        if (derive < 0) {
            throw new AgentException("--derive must be 0 or more, was " + derive);
        }
    }
}

package dev.errand.agent;

import dev.errand.agent.call.GatewayAddress;
import dev.errand.holder.AgentException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand agent}: the companion that signs the calls of unmodified tools. */
@Command(
        name = "errand agent",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        sortOptions = false,
        abbreviateSynopsis = true,
        description = {
            "Runs COMMAND beside a task: its kubectl, aws, vault, git, curl or MCP client calls the gateway through this",
            "companion on loopback, which signs each call. The key is in memory only. At the end the task ends, too.",
            ""
        },
        footer = {
            "",
            "One command inside one task, and the task is over:",
            "  errand agent --template release --param service=payments --subject-token @human.jwt --svid @agent.svid \\",
            "      -- kubectl get deployments",
            "",
            "The same without a human's token: a human is asked at a page of the gateway:",
            "  errand agent --ask --purpose 'Look at payments' --template release --param service=payments \\",
            "      --svid @agent.svid -- kubectl get deployments",
            "",
            "A script: ERRAND_ROUTE_<ROUTE> is the address for curl; other tools have variables (KUBECONFIG, VAULT_ADDR, ...):",
            "  errand agent --template release --param service=payments --subject-token @human.jwt --svid @agent.svid \\",
            "      -- sh -c 'curl -s $ERRAND_ROUTE_CI/v1/jobs && vault kv get secret/ci/payments'",
            "",
            "An agent that hands a smaller part on; its helper gets a key and a token of its own:",
            "  errand agent ... --derive 1 -- ./agent.sh          # and in agent.sh:",
            "  errand agent --from \"$ERRAND_DERIVE\" --allow '{\"k8s:pods.list\":{}}' --calls 5 -- kubectl get pods"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:without a COMMAND: ended by a signal, or with --mcp by the end of the input",
            "1:the task cannot be started; standard error says why",
            "2:wrong options",
            "127:COMMAND cannot be run",
            "other:the exit code of COMMAND, which may also be one of these"
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class AgentCommand implements Callable<Integer> {
    private static final int WRONG_OPTIONS = 2;

    @Option(
            names = "--gateway",
            paramLabel = "URL",
            description = "The gateway, https beyond loopback (http://127.0.0.1:8080).")
    @Nullable String gateway;

    @Option(
            names = "--issuer",
            paramLabel = "URL",
            description = "The gateway's identifier, if it differs from the address.")
    @Nullable String issuer;

    @Mixin
    StartOptions start;

    @Mixin
    ListenOptions listen;

    @Parameters(paramLabel = "COMMAND", description = "The command to run, with its arguments, after --.")
    List<String> command = new ArrayList<>();

    @Override
    public Integer call() {
        try {
            check();
        } catch (AgentException wrong) {
            Agent.note(String.valueOf(wrong.getMessage()));
            return WRONG_OPTIONS;
        }
        return new Run(this).run();
    }

    private void check() {
        start.check();
        listen.check();
        if (gateway != null) {
            GatewayAddress.parse("--gateway", gateway);
        }
        if (listen.mcp != null && !command.isEmpty()) {
            throw new AgentException("--mcp takes no COMMAND: an MCP client runs this companion as its own command");
        }
        if (listen.environment != null) {
            checkEnvironment(listen.environment);
        }
    }

    private void checkEnvironment(Path file) {
        if (listen.mcp != null || !command.isEmpty()) {
            throw new AgentException(
                    "--environment does not go with --mcp, nor with a COMMAND, which gets the variables directly");
        }
        if (listen.keepEnvironment) {
            throw new AgentException(
                    "--keep-env does not go with --environment: the shell that reads FILE has variables of its own");
        }
        EnvironmentFile.check(file);
    }
}

package dev.errand.agent;

import dev.errand.agent.call.Answer;
import dev.errand.agent.call.CallResources;
import dev.errand.agent.call.Connections;
import dev.errand.agent.call.HeldTask;
import dev.errand.agent.call.KeptBodyMemory;
import dev.errand.agent.call.PartMemory;
import dev.errand.agent.call.Tally;
import dev.errand.agent.listen.PeerUsers;
import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.jose.KeyAlgorithm;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One run of the companion, from the start of its task to its end. */
final class Run {
    private static final int OK = 200;
    private static final int NOT_RUN = 127;

    private final AgentCommand options;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("errand-agent", true), NioIoHandler.newFactory());
    private final Tally tally = new Tally();

    Run(AgentCommand options) {
        this.options = options;
    }

    /** Runs the companion and returns its exit code. */
    int run() {
        try {
            return begin(Signals.taken());
        } finally {
            // Ended here: at its own end the JVM would wait 300 ms for a thread that waits for bytes.
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
        }
    }

    private int begin(Signals signals) {
        // The first key takes some time to make. It is made while the gateway's answer is awaited.
        CompletableFuture<AgentKey> key = CompletableFuture.supplyAsync(() -> AgentKey.generate(KeyAlgorithm.ES256));
        TaskStarts.Started started;
        try {
            started = new TaskStarts(options, loops.next(), signals).start(key);
        } catch (AgentException e) {
            if (!signals.isEnd()) {
                throw e;
            }
            Agent.note(String.valueOf(e.getMessage()));
            return signals.status();
        }
        HeldTask task = started.task();
        Connections gateway = started.gateway();
        try (PrivateFiles files = new PrivateFiles()) {
            return signals.isEnd() ? unserved(signals) : serve(gateway, task, files, signals);
        } finally {
            end(gateway, task);
        }
    }

    /** The exit code if the end was asked for before the start of COMMAND: a COMMAND that never ran did not succeed. */
    private int unserved(Signals signals) {
        return options.command.isEmpty() ? 0 : signals.status();
    }

    private int serve(Connections gateway, HeldTask task, PrivateFiles files, Signals signals) {
        CallResources resources = new CallResources(
                gateway,
                task,
                Input.duration("--wait", options.listen.wait),
                tally,
                new PartMemory(),
                new KeptBodyMemory(),
                Agent::note);
        TaskView view = view(gateway, task);
        if (options.listen.mcp != null) {
            Agent.note("task " + view.task());
            return new McpRun(resources, signals).run(options.listen.mcp, view.routes());
        }
        PeerUsers users = options.listen.isSameUser(!options.command.isEmpty()) ? new PeerUsers(Agent::note) : null;
        try (Listeners listeners = new Listeners(options.listen, loops, resources, files, users)) {
            return serve(listeners.open(view.task(), view.routes()), files, signals, users);
        }
    }

    private int serve(CommandAddresses addresses, PrivateFiles files, Signals signals, @Nullable PeerUsers users) {
        if (options.listen.environment != null) {
            // Made without the companion's own environment: the file is read in another one.
            Map<String, String> variables = CommandVariables.of(addresses, files, Map.of());
            try (EnvironmentFile file = EnvironmentFile.write(options.listen.environment, variables)) {
                Agent.note("task " + addresses.task() + ", its environment in " + file.path());
                noteOpen(addresses, users);
                signals.awaitEnd();
                return 0;
            }
        }
        Map<String, String> variables = CommandVariables.of(addresses, files, System.getenv());
        Agent.note("task " + addresses.task());
        noteOpen(addresses, users);
        if (options.command.isEmpty()) {
            variables.forEach((name, value) -> System.err.println(name + "=" + value));
            signals.awaitEnd();
            return 0;
        }
        ChildProcess child;
        try {
            child = ChildProcess.start(
                    options.command, CommandEnvironment.of(System.getenv(), variables, options.listen.keepEnvironment));
        } catch (AgentException e) {
            Agent.note(String.valueOf(e.getMessage()));
            return NOT_RUN;
        }
        if (users != null) {
            users.started(child.pid());
        }
        signals.to(child::signal);
        if (signals.isEnd()) {
            // A signal came before COMMAND was started.
            child.signal(signals.first());
        }
        int status = child.await();
        signals.to(null);
        if (users != null) {
            users.ended();
        }
        return status;
    }

    /** Says that every local user may connect, unless the options say so themselves. */
    private void noteOpen(CommandAddresses addresses, @Nullable PeerUsers users) {
        if (users == null && options.listen.peer == null && !addresses.isUnix()) {
            Agent.note("any local user who learns an address of it may call; --peer same-user closes it to others");
        }
    }

    private static TaskView view(Connections gateway, HeldTask task) {
        Answer answer = TaskRequests.view(gateway, task);
        if (answer.status() != OK) {
            Agent.note("the gateway does not tell what the task may do: it answered " + answer.refusal());
            return new TaskView(task.id(), List.of());
        }
        return TaskView.of(answer, task);
    }

    /** Ends the token, and prints what it was used for. */
    private void end(Connections gateway, HeldTask task) {
        try {
            if (!TaskRequests.end(gateway, task)) {
                Agent.note("the gateway did not end the token: it ends by itself when it expires");
            }
        } catch (AgentException away) {
            Agent.note("the token ends by itself when it expires: " + away.getMessage());
        }
        tally.lines().forEach(Agent::note);
    }
}

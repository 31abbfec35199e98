package dev.errand.cli;

import dev.errand.json.Jcs;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code errand standing}: what an operator does with standing errands, at the operator's port of a gateway. */
@Command(
        name = "standing",
        mixinStandardHelpOptions = true,
        description = "Lists standing errands, or ends one with all its runs.",
        subcommands = {StandingCommand.ListErrands.class, StandingCommand.End.class},
        synopsisSubcommandLabel = "COMMAND")
final class StandingCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The operator's port, and who asks. */
    static final class Port {
        private static final Duration TIMEOUT = Duration.ofSeconds(30);

        @Option(
                names = "--operator",
                paramLabel = "URL",
                defaultValue = "http://127.0.0.1:9090",
                description = "the operator's port (${DEFAULT-VALUE})")
        private URI operator = URI.create("http://127.0.0.1:9090");

        @Option(
                names = "--token",
                paramLabel = "@FILE",
                required = true,
                description = "the operator's token, such as @data/operator-token")
        private String token = "";

        /** Prints the answer of the port; 0 if it did what was asked. */
        int print(CommandSpec spec, String path, String accept, @Nullable String body) {
            HttpRequest.Builder request = HttpRequest.newBuilder(
                            URI.create(operator.toString().replaceAll("/+$", "") + path))
                    .timeout(TIMEOUT)
                    .header("Authorization", "Bearer " + TokenInput.text(token))
                    .header("Accept", accept);
            if (body != null) {
                request.header("Content-Type", "application/json").POST(BodyPublishers.ofString(body));
            }
            try {
                HttpResponse<String> answer = HttpClient.newBuilder()
                        .connectTimeout(TIMEOUT)
                        .build()
                        .send(request.build(), BodyHandlers.ofString());
                boolean good = answer.statusCode() == 200;
                (good ? spec.commandLine().getOut() : spec.commandLine().getErr())
                        .print(answer.body().lines().map(Printable::line).collect(Collectors.joining("\n", "", "\n")));
                spec.commandLine().getOut().flush();
                spec.commandLine().getErr().flush();
                return good ? 0 : 1;
            } catch (IOException e) {
                spec.commandLine().getErr().println(Printable.line(operator + " cannot be reached: " + e));
                return 1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 1;
            }
        }
    }

    /** {@code errand standing list}. */
    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description =
                    "Lists standing errands, the latest allowed first: id, state, template, human, agent, runs, calls left, until.")
    static final class ListErrands implements Callable<Integer> {
        @Mixin
        private Port port = new Port();

        @Option(
                names = "--human",
                paramLabel = "'ISS SUB'",
                description = "only of this human: the subject, or issuer, space, subject")
        private @Nullable String human;

        @Option(names = "--agent", paramLabel = "ID", description = "only of this agent: its SPIFFE ID")
        private @Nullable String agent;

        @Option(names = "--template", paramLabel = "T", description = "only of this template")
        private @Nullable String template;

        @Option(names = "--limit", paramLabel = "N", description = "at most so many, 1 to 1000 (100)")
        private @Nullable Integer limit;

        @Option(names = "--cursor", paramLabel = "C", description = "the cursor of the page before, as --json shows it")
        private @Nullable String cursor;

        @Option(names = "--json", description = "as one line of JSON")
        private boolean json;

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            Map<String, @Nullable String> asked = new LinkedHashMap<>();
            asked.put("human", human);
            asked.put("agent", agent);
            asked.put("template", template);
            asked.put("limit", limit == null ? null : limit.toString());
            asked.put("cursor", cursor);
            StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
            asked.forEach((name, value) -> {
                if (value != null) {
                    query.add(name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8));
                }
            });
            return port.print(spec, "/standing" + query, json ? "application/json" : "text/plain", null);
        }
    }

    /** {@code errand standing end}. */
    @Command(
            name = "end",
            mixinStandardHelpOptions = true,
            description = "Ends a standing errand, and interrupts the tasks of its runs.")
    static final class End implements Callable<Integer> {
        @Parameters(paramLabel = "ID", description = "the errand's id, se-...")
        private String id = "";

        @Mixin
        private Port port = new Port();

        @Option(names = "--why", required = true, description = "the reason, for the log")
        private String why = "";

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            if (!id.matches("se-[A-Za-z0-9_-]{22}")) {
                spec.commandLine()
                        .getErr()
                        .println(Printable.line("'" + id + "' is no id: give one of `errand standing list`"));
                return 2;
            }
            String body = Jcs.canonical(new JsonObject(Map.of("why", new JsonString(why))));
            return port.print(spec, "/standing/" + id + "/end", "application/json", body);
        }
    }
}

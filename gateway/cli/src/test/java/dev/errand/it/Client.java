package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A command line as its makers ship it, whose calls reach the gateway through a signing proxy. One run of it is one line of
 * a test.
 *
 * @param environment of the program, besides the test's own
 * @param program the program, and the arguments that each run begins with
 */
record Client(SigningProxy proxy, Map<String, String> environment, List<String> program) {
    /** A gateway with one route to a server, by that server's credential, and a task with the given grants. */
    static FrontedServer fronted(String route, AuditedServer server, String allow) {
        return fronted(route, server, allow, Map.of());
    }

    /** The same, with files of the configuration, by their paths: added, or put in the place of shipped ones. */
    static FrontedServer fronted(String route, AuditedServer server, String allow, Map<String, String> files) {
        return FrontedServer.start(
                route, server.uri(), allow, server.credential(), List.of("UpstreamCredential=" + route), files);
    }

    /** The operations that were permitted. */
    static Set<String> named(FrontedServer fronted) {
        return fronted.gateway().records().stream()
                .map(Jws::object)
                .filter(line -> "permit".equals(line.string("outcome")))
                .flatMap(line ->
                        Arrays.stream(String.valueOf(line.string("operation")).split(" ")))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /**
     * All that the server executed, by its own account, it executed for the gateway, and the gateway had named it; and of all
     * that the gateway named something is in the account.
     *
     * @param before how many entries the account had when the gateway was started
     * @param words what an operation on a resource is in the server's words, as of a {@link Comparison}
     */
    static void executedIsNamed(
            FrontedServer fronted, AuditedServer server, int before, BiFunction<String, String, String> words) {
        assertThat(server.settle()).isTrue();
        List<AuditedServer.Executed> since = server.executed();
        since = since.subList(before, since.size());
        assertThat(since).extracting(AuditedServer.Executed::who).containsOnly(server.principal());
        Set<String> executed =
                since.stream().map(one -> one.verb() + ' ' + one.resource()).collect(Collectors.toSet());
        Set<String> allowed = new TreeSet<>();
        for (String line : fronted.gateway().records()) {
            JsonObject record = Jws.object(line);
            if ("permit".equals(record.string("outcome"))) {
                String operation = String.valueOf(record.string("operation"));
                String resource = ((JsonString)
                                ((JsonArray) record.get("resource")).values().get(0))
                        .value();
                Set<String> one = words.apply(operation.substring(operation.indexOf(':') + 1), resource)
                        .lines()
                        .collect(Collectors.toSet());
                assertThat(executed).as(operation).containsAnyElementsOf(one);
                allowed.addAll(one);
            }
        }
        assertThat(allowed).containsAll(executed);
    }

    /** What a run came to: its exit status and all that it said. */
    ServerProcess.Outcome run(String... arguments) throws Exception {
        return proxy.run(environment, command(arguments));
    }

    /** The same of a run that reads this. */
    ServerProcess.Outcome reads(String input, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command(arguments));
        builder.environment().putAll(environment);
        return ServerProcess.end(builder, input);
    }

    /** Begins a run that goes on. */
    RunningClient begins(String... arguments) throws Exception {
        return new RunningClient(environment, command(arguments));
    }

    /** A run that ends with status 0. */
    String succeeds(String says, String... arguments) throws Exception {
        ServerProcess.Outcome outcome = run(arguments);
        assertThat(outcome.exit()).as(told(outcome, arguments)).isZero();
        assertThat(outcome.text()).contains(says);
        return outcome.text();
    }

    /** A run that ends with another status than 0. */
    String fails(String... arguments) throws Exception {
        ServerProcess.Outcome outcome = run(arguments);
        assertThat(outcome.exit()).as(told(outcome, arguments)).isNotZero();
        return outcome.text();
    }

    private String told(ServerProcess.Outcome outcome, String... arguments) {
        return String.join(" ", command(arguments)) + ": " + outcome.text();
    }

    private String[] command(String... arguments) {
        return Stream.concat(program.stream(), Arrays.stream(arguments)).toArray(String[]::new);
    }
}

package dev.errand.agent;

import dev.errand.agent.call.GatewayAddress;
import dev.errand.holder.AgentException;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.token.CompactJws;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the companion gets its token: one of four ways. */
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class StartOptions {
    static final String WORKLOAD_API = "workload-api";

    @Option(names = "--template", paramLabel = "T", description = "Start a task of this template.")
    @Nullable String template;

    @Option(
            names = "--param",
            paramLabel = "K=V",
            description = "A parameter of the template; may be repeated, also for one name.")
    List<String> parameters = new ArrayList<>();

    @Option(names = "--subject-token", paramLabel = "@FILE", description = "The human's JWT, which starts one task.")
    @Nullable String subjectToken;

    @Option(
            names = "--ask",
            description = "Ask a human instead: prints an address and a code on standard error, and waits.")
    boolean ask;

    @Option(
            names = "--standing",
            paramLabel = "@FILE",
            description = "Start a run of the standing errand whose token is in this file.")
    @Nullable String standing;

    @Option(
            names = "--dev",
            paramLabel = "DIR",
            description = "The SVID and the gateway of the directory that `errand init --dev` made, while it runs.")
    @Nullable Path dev;

    @Option(names = "--purpose", paramLabel = "TEXT", description = "With --ask: what to tell the human.")
    @Nullable String purpose;

    @Option(
            names = "--sequence",
            paramLabel = "@FILE",
            description = "A plan that is narrower than the template's: its steps, in YAML or JSON.")
    @Nullable String sequence;

    @Option(
            names = "--svid",
            paramLabel = "@FILE|workload-api",
            description = "The agent's JWT-SVID (${DEFAULT-VALUE}: of the socket that SPIFFE_ENDPOINT_SOCKET names).",
            defaultValue = WORKLOAD_API)
    String svid;

    @Option(
            names = "--instruction-ref",
            paramLabel = "URI",
            description = "The reference of the human's instruction, such as the URL of a ticket.")
    @Nullable String instructionRef;

    @Option(
            names = "--instruction-digest",
            paramLabel = "D",
            description = "The digest of the instruction, as sha-256:...")
    @Nullable String instructionDigest;

    @Option(names = "--calls", paramLabel = "N", description = "The most calls that the task may make.")
    @Nullable Long calls;

    @Option(
            names = "--allow",
            paramLabel = "JSON",
            description = "Only these operations: {\"op\":{\"resource\":{...}}}.")
    @Nullable String allow;

    @Option(names = "--token", paramLabel = "@FILE", description = "Use this token instead of a new task.")
    @Nullable String token;

    @Option(
            names = "--chain",
            paramLabel = "@FILE",
            description = "The token's ancestors, as in Delegation-Chain; none for a root.")
    @Nullable String chain;

    @Option(names = "--key", paramLabel = "FILE", description = "The private JWK of the token's holder.")
    @Nullable Path key;

    @Option(
            names = "--from",
            paramLabel = "URL",
            description = "Derive a child from the companion that set ERRAND_DERIVE to this value.")
    @Nullable String from;

    @Option(names = "--lifetime", paramLabel = "5m", description = "The lifetime of the child, at most its parent's.")
    @Nullable String lifetime;

    @Option(names = "--children", paramLabel = "N", description = "How many children the child may have.")
    @Nullable Long children;

    /** Throws unless the options name exactly one of the four ways. */
    void check() {
        int ways = (template == null ? 0 : 1)
                + (token == null ? 0 : 1)
                + (from == null ? 0 : 1)
                + (standing == null ? 0 : 1);
        if (ways != 1) {
            throw new AgentException("give one of --template, --standing, --token and --from");
        }
        if (template != null && ask == (subjectToken != null)) {
            throw new AgentException("--template needs --subject-token @FILE, the human's JWT, or --ask");
        }
        if (purpose != null && !ask) {
            throw new AgentException("--purpose goes with --ask");
        }
        if (dev != null && !svid.equals(WORKLOAD_API)) {
            throw new AgentException("--dev brings an SVID: leave --svid out");
        }
        belongs("--dev", dev, template == null ? standing : template);
        if (token != null && key == null) {
            throw new AgentException("--token needs --key FILE, its holder's private JWK");
        }
        belongs("--subject-token", subjectToken, template);
        belongs("--ask", ask ? "" : null, template);
        belongs("--sequence", sequence, template);
        belongs("--instruction-ref", instructionRef, template);
        belongs("--instruction-digest", instructionDigest, template);
        belongs("--param", parameters.isEmpty() ? null : parameters, template);
        belongs("--chain", chain, token);
        belongs("--key", key, token);
        belongs("--lifetime", lifetime, from);
        belongs("--children", children, from);
        if (standing != null && (allow != null || calls != null)) {
            throw new AgentException(
                    "--allow and --calls do not go with --standing: the human said what each run may do");
        }
        if (token != null && (allow != null || calls != null)) {
            throw new AgentException("--allow and --calls go with --template or --from: a token says what it allows");
        }
        values();
    }

    /** Throws for a value that is wrong by itself. */
    private void values() {
        Input.checkFile("--subject-token", subjectToken);
        Input.checkFile("--token", token);
        Input.checkFile("--standing", standing);
        Input.checkFile("--sequence", sequence);
        Input.checkFile("--chain", chain);
        if (!svid.equals(WORKLOAD_API)) {
            Input.checkFile("--svid", svid);
        }
        parameterValues();
        if (from != null) {
            GatewayAddress.parseSecret("--from", from);
        }
        if (lifetime != null && Input.duration("--lifetime", lifetime).toSeconds() < 1) {
            throw new AgentException("--lifetime must be 1s or more, was '" + lifetime + "'");
        }
        atLeast("--calls", 1, calls);
        atLeast("--children", 0, children);
        if (allow != null && !allow.startsWith("@")) {
            Input.object("--allow", allow);
        }
    }

    /** The agent's JWT-SVID now, from its file or by the Workload API. */
    String svid(Supplier<String> workloadApi) {
        if (dev != null) {
            Path file = dev.resolve("dev/agent.svid");
            if (!Files.isReadable(file)) {
                throw new AgentException("--dev: there is no " + file
                        + ": start the gateway first, by `errand run --config " + dev + "`");
            }
            return Input.file("--dev", "@" + file);
        }
        return svid.equals(WORKLOAD_API) ? workloadApi.get() : Input.file("--svid", svid);
    }

    /** The address of the gateway if none is named. The SVID of a first run is for the gateway at its audience. */
    String gateway() {
        return dev == null
                ? "http://127.0.0.1:8080"
                : CompactJws.parse(svid(() -> ""))
                        .flatMap(CompactJws::claims)
                        .map(claims -> claims.get("aud") instanceof JsonArray all
                                        && !all.values().isEmpty()
                                        && all.values().get(0) instanceof JsonString audience
                                ? audience.value()
                                : null)
                        .orElseThrow(() -> new AgentException("--dev: dev/agent.svid in " + dev + " is no JWT-SVID"));
    }

    private static void atLeast(String option, long least, @Nullable Long given) {
        if (given != null && given < least) {
            throw new AgentException(option + " must be " + least + " or more, was " + given);
        }
    }

    private static void belongs(String option, @Nullable Object given, @Nullable Object way) {
        if (given != null && way == null) {
            throw new AgentException(option + " does not go with this way of starting");
        }
    }

    /** The template's parameters; one that is given several times is a list. */
    Map<String, JsonValue> parameterValues() {
        Map<String, List<JsonValue>> given = new LinkedHashMap<>();
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw new AgentException("--param must be NAME=VALUE, was '" + parameter + "'");
            }
            given.computeIfAbsent(parameter.substring(0, equals), unused -> new ArrayList<>())
                    .add(new JsonString(parameter.substring(equals + 1)));
        }
        Map<String, JsonValue> values = new LinkedHashMap<>();
        given.forEach((name, all) -> values.put(name, all.size() == 1 ? all.get(0) : new JsonArray(all)));
        return values;
    }

    /** What instructed the agent; null if the options do not say. */
    @Nullable JsonObject instruction() {
        if (instructionRef == null && instructionDigest == null) {
            return null;
        }
        JsonMembers members = new JsonMembers();
        members.put("source", "human");
        members.put("ref", instructionRef);
        members.put("digest", instructionDigest);
        return members.toJson();
    }
}

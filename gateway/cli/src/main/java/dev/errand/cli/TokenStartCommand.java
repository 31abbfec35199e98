package dev.errand.cli;

import dev.errand.holder.AgentKey;
import dev.errand.holder.HolderCertificate;
import dev.errand.json.Jcs;
import dev.errand.json.JsonMembers;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code token start}: starts a task in exchange for a human's token. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Starts a task: the human's token says who authorises it, the SVID which agent is to do it.",
            "The root token is bound to the key in --key; whoever holds that key holds the task.",
            "Prints the answer as JSON (access_token, expires_in, task_id, authorization_details granted), or with",
            "-q the token alone."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:refused, or the gateway cannot be reached; standard error says why",
            "2:wrong options"
        },
        footer = {
            "",
            "The human's token names the gateway's audience for humans (errand.trust.humans) and starts one task; the",
            "same command with the same key gets that task again. The SVID's audience is the gateway's identifier:",
            "",
            "  spire-agent api fetch jwt -audience https://gateway.example.org | sed -n 2p | tr -d '[:space:]' >"
                    + " agent.svid",
            "  errand token start -q --subject-token @human.jwt --svid @agent.svid --key agent.jwk \\",
            "      --template release --param service=payments \\",
            "      --instruction '{\"source\":\"human\",\"ref\":\"https://tracker.example.org/REL-42\"}' >task.jwt",
            "",
            "Narrower than the template, and the human's token from a pipe:",
            "  login | errand token start -q --subject-token @- --svid @agent.svid --key agent.jwk \\",
            "      --template triage --param ticket=17 --tools '{\"tickets:ticket.read\":{}}'",
            "",
            "For curl, kubectl, git and other tools that make no proofs:",
            "  errand token start -q --subject-token @human.jwt --svid @agent.svid --key agent.jwk --certificate"
                    + " task.pem \\",
            "      --template triage --param ticket=17 >task.jwt",
            "  printf 'Authorization: Bearer %%s\n"
                    + "' \"$(cat task.jwt)\" | curl --cert task.pem -H @- https://gateway.example.org/…",
            "",
            "Without a human's token, a human is asked at a page of the gateway:",
            "  errand token start -q --ask --purpose 'Read ticket 17' --svid @agent.svid --key agent.jwk \\",
            "      --template triage --param ticket=17",
            "",
            "Next: errand token proof --help (call with it), errand token kubeconfig --help,",
            "errand token derive --help (hand a part of it on)."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenStartCommand extends CliCommand {
    @Mixin
    private IssuerOptions at;

    @Option(names = "--subject-token", description = "The human's JWT: @file, @- or text.")
    private @Nullable String subjectToken;

    @Option(
            names = "--ask",
            description = "Ask a human instead: prints an address and a code on standard error, and waits.")
    private boolean ask;

    @Option(names = "--purpose", description = "With --ask: what to tell the human, at most 512 characters.")
    private @Nullable String purpose;

    @Option(
            names = "--standing",
            paramLabel = "@FILE",
            description = "With --ask: ask for many runs: runs, until, calls, limit; a JSON object or @file.")
    private @Nullable String standing;

    @Option(
            names = "--sequence",
            paramLabel = "@FILE",
            description = "A plan that is narrower than the template's: its steps, YAML or JSON.")
    private @Nullable String sequence;

    @Option(
            names = "--subject-token-type",
            defaultValue = "jwt",
            description = "jwt, access_token or id_token (${DEFAULT-VALUE}).")
    private String subjectTokenType;

    @Option(names = "--svid", description = "The agent's JWT-SVID: @file, @- or text.")
    private @Nullable String svid;

    @Option(names = "--template", required = true, description = "The template of the task.")
    private String template;

    @Option(
            names = "--param",
            paramLabel = "NAME=VALUE",
            description = "A parameter of the template; may be repeated, also for one name, whose values are a list.")
    private List<String> parameters = new ArrayList<>();

    @Option(
            names = "--instruction",
            description =
                    "What told the agent to act: source (human, agent, document, tool), ref, digest; a JSON object or"
                            + " @file.")
    private @Nullable String instruction;

    @Option(
            names = "--tools",
            description =
                    "The part of the template that the task needs: an object of operations with constraints, or @file.")
    private @Nullable String tools;

    @Option(names = "--key", required = true, description = "File of the task's private JWK, made if absent.")
    private Path key;

    @Option(
            names = "--certificate",
            description = {
                "Write a certificate of the task's key, and the key, to this file (PEM, mode 0600), for tools that"
                        + " call with",
                "Authorization: Bearer over mutual TLS. Good as long as the token."
            })
    private @Nullable Path certificate;

    @Option(names = "-q", description = "Print the token alone.")
    private boolean quiet;

    @Override
    public Integer call() {
        if (ask == (subjectToken != null) || ((purpose != null || standing != null) && !ask)) {
            throw misuse("give either --subject-token or --ask; --purpose and --standing go only with --ask");
        }
        JsonMembers start = new JsonMembers();
        start.put("template", template);
        start.put("parameters", new JsonObject(given()));
        if (instruction != null) {
            start.put("instruction", TokenInput.object("--instruction", instruction));
        }
        start.put("purpose", purpose);
        if (standing != null) {
            start.put("standing", TokenInput.object("--standing", standing));
        }
        if (sequence != null) {
            start.put("sequence", TokenInput.steps("--sequence", sequence));
        }
        AgentKey holder = AgentKey.readOrCreate(key);
        AgentClient.Start request = new AgentClient.Start(
                subjectToken == null ? null : TokenInput.text(subjectToken),
                subjectTokenType,
                svid(),
                start.toJson(),
                tools == null ? null : TokenInput.object("--tools", tools));
        JsonObject answer = ask ? asked(holder, request) : at.client().start(holder, request);
        String token = answer.string("access_token");
        if (certificate != null && token != null) {
            HolderCertificate.write(certificate, holder, token);
        }
        out().println(quiet && token != null ? token : Jcs.canonical(answer));
        return 0;
    }

    private @Nullable String svid() {
        return svid == null ? null : TokenInput.text(svid);
    }

    private JsonObject asked(AgentKey holder, AgentClient.Start request) {
        JsonObject asked = at.client().ask(holder, request);
        PrintWriter err = err();
        err.println("Open " + asked.string("verification_uri_complete") + " and allow the task. Code: "
                + asked.string("user_code"));
        err.flush();
        // A file may hold a fresher SVID by then; standard input does not.
        Supplier<@Nullable String> fresh = svid != null && svid.equals("@-") ? request::svid : this::svid;
        return at.client().await(holder, fresh, asked);
    }

    /** The task's parameters; one that is given several times becomes a list. */
    private Map<String, JsonValue> given() {
        Map<String, List<JsonValue>> all = new LinkedHashMap<>();
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals < 1) {
                throw misuse("--param must be NAME=VALUE, was '" + parameter + "'");
            }
            all.computeIfAbsent(parameter.substring(0, equals), unused -> new ArrayList<>())
                    .add(new JsonString(parameter.substring(equals + 1)));
        }
        Map<String, JsonValue> given = new LinkedHashMap<>();
        all.forEach((name, values) -> given.put(name, values.size() == 1 ? values.get(0) : new JsonArray(values)));
        return given;
    }
}

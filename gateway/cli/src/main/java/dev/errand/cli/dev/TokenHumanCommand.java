package dev.errand.cli.dev;

import dev.errand.config.Faults;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.holder.AgentException;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonNumber;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.signin.DevKey;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code token human}: makes the JWT of a human, signed by the identity provider's key that {@code init --dev} made. */
@Command(
        name = "human",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Prints a fresh JWT of a human, signed by the key of `errand init --dev`. Without options it fits the",
            "directory's template and identity provider. Each token starts one task."
        },
        footer = {
            "",
            "  errand token human --dev mine",
            "  errand token human --dev mine --approver",
            "  errand token human --dev mine --sub bob --claim groups='[\"guests\"]'"
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class TokenHumanCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DevTokenOptions options;

    @Option(names = "--sub", description = "The human's `sub`: alice, or carol with --approver, if left out.")
    private @Nullable String subject;

    @Option(
            names = "--template",
            description = "The template whose `humans` the token fits; the first template if left out.")
    private @Nullable String template;

    @Option(
            names = "--claim",
            paramLabel = "NAME=VALUE",
            description = "One more claim, or another value of one; JSON, or else text. May be repeated.")
    private Map<String, String> claims = new LinkedHashMap<>();

    @Option(
            names = "--approver",
            description = "A token for one decision: it fits the template's `ask: {by: …}`, and starts no task.")
    private boolean approver;

    @Override
    public Integer call() {
        Path directory = options.directory();
        DevDirectory dev = DevDirectory.open(directory);
        YamlMap fitted = options.template(dev, template);
        Map<String, JsonValue> all = new LinkedHashMap<>();
        all.put("iss", new JsonString(dev.human("issuer")));
        all.put("sub", new JsonString(subject == null ? (approver ? "carol" : "alice") : subject));
        all.put("aud", new JsonString(options.audience(() -> approver ? dev.approvals() : dev.human("audience"))));
        all.put("auth_time", JsonNumber.of(Instant.now().getEpochSecond()));
        if (approver) {
            approves(fitted, all, dev.client());
        } else {
            groups(fitted.optional("humans"), all);
        }
        claims.forEach((name, value) -> all.put(name, json(value)));
        spec.commandLine().getOut().println(DevKey.IDP.sign(directory, all, options.lifetimeSeconds()));
        return 0;
    }

    /** The claims that the template asks of those who approve. */
    private static void approves(YamlMap template, Map<String, JsonValue> all, @Nullable String client) {
        YamlNode by = template.optional("ask") instanceof YamlMap ask ? ask.optional("by") : null;
        if (!(by instanceof YamlMap map)) {
            throw new AgentException("the template " + template.string("template", new Faults())
                    + " asks nobody: it has no key 'ask' with 'by'; --template names another");
        }
        groups(map, all);
        List<String> named = DevDirectory.strings(map.optional("clients"));
        List<String> clients = named.isEmpty() && client != null ? List.of(client) : named;
        List<String> acr = DevDirectory.strings(map.optional("acr"));
        if (clients.isEmpty()) {
            throw new AgentException(map.at() + ": 'by' names no clients, so no token of this directory can approve");
        }
        all.put("azp", new JsonString(clients.get(0)));
        if (!acr.isEmpty()) {
            all.put("acr", new JsonString(acr.get(0)));
        }
    }

    /** The claim that the template asks of its humans. */
    private static void groups(@Nullable YamlNode node, Map<String, JsonValue> all) {
        if (node instanceof YamlMap humans) {
            String claim = humans.string("claim", new Faults());
            List<JsonValue> any = DevDirectory.strings(humans.optional("any")).stream()
                    .<JsonValue>map(JsonString::new)
                    .toList();
            if (claim != null && !any.isEmpty()) {
                all.put(claim, new JsonArray(any));
            }
        }
    }

    private static JsonValue json(String text) {
        try {
            return Json.parse(text);
        } catch (MalformedJsonException e) {
            if (text.startsWith("{") || text.startsWith("[")) {
                throw new AgentException("--claim: not JSON: " + e.getMessage());
            }
            return new JsonString(text);
        }
    }
}

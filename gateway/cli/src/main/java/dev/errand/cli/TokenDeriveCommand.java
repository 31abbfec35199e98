package dev.errand.cli;

import dev.errand.holder.AgentException;
import dev.errand.holder.AgentKey;
import dev.errand.holder.Derivation;
import dev.errand.holder.HolderCertificate;
import dev.errand.json.Durations;
import dev.errand.json.JsonValue.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code token derive}: a narrower token for another key, written offline. */
@Command(
        name = "derive",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Writes a child of a token, offline: no wider than its parent in tools, budgets, depth or time.",
            "A child that would not verify is not written; the step of the rules that it breaks is named.",
            "Prints the child's token. Needs no gateway."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:refused: standard error names the step, as `4p4`", "2:wrong options"},
        footer = {
            "",
            "  errand token derive --parent @task.jwt --key agent.jwk --child-key helper.jwk \\",
            "      --tools"
                    + " '{\"vault:kv.read\":{\"resource\":{\"constraint_type\":\"exact\",\"value\":\"secret/ci/payments/db\"}}}'"
                    + " \\",
            "      --bounds '{\"calls\":3}' --lifetime 5m >child.jwt",
            "",
            "The child calls with its own key and shows its ancestors, root first:",
            "  printf 'Authorization: DPoP %%s\\n"
                    + "Delegation-Chain: %%s\\n"
                    + "DPoP: %%s\\n"
                    + "' \"$(cat child.jwt)\" \"$(cat task.jwt)\" \\",
            "      \"$(errand token proof --token @child.jwt --key helper.jwk --url \"$URL\")\" | curl \"$URL\" -H @-",
            "",
            "Constraint types: exact value, one_of values, range min max, path_containment root, not_one_of excluded,",
            "contains required, subset allowed, all / any constraints, wildcard. `{}` for a tool allows any arguments."
        })
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenDeriveCommand extends CliCommand {
    @Option(names = "--parent", required = true, description = "The parent token: @file, @- or text.")
    private String parent;

    @Option(names = "--key", required = true, description = "File of the parent's holder's private JWK.")
    private Path key;

    @Option(
            names = "--child-key",
            required = true,
            description = "The child's public JWK as JSON or @file, or a file of its private JWK, made if absent.")
    private String childKey;

    @Option(names = "--tools", description = "The child's tools, a JSON object or @file; the parent's if left out.")
    private @Nullable String tools;

    @Option(
            names = "--bounds",
            defaultValue = "{}",
            description = "The calls, children and limits of the child, as JSON.")
    private String bounds;

    @Option(
            names = "--lifetime",
            defaultValue = "5m",
            description = "The longest lifetime of the child, as 300s, 5m or 1h (${DEFAULT-VALUE}).")
    private String lifetime;

    @Option(names = "--max-depth", description = "The child's del_max_depth; the parent's if left out.")
    private @Nullable Long maxDepth;

    @Option(names = "--actor", description = "SPIFFE ID of the child's holder.")
    private @Nullable String actor;

    @Option(names = "--instruction", description = "What told the child to act, a JSON object or @file.")
    private @Nullable String instruction;

    @Option(
            names = "--certificate",
            description = {
                "Write a certificate of the child's key, and the key, to this file (PEM, mode 0600), for tools that"
                        + " call with",
                "Authorization: Bearer over mutual TLS. Good as long as the child's token. Needs the child's private"
                        + " key."
            })
    private @Nullable Path certificate;

    @Override
    public Integer call() {
        JsonObject jwk = childJwk();
        AgentKey own = jwk.get("d") == null ? null : AgentKey.of(jwk);
        if (certificate != null && own == null) {
            throw new AgentException("--certificate needs the child's private key, and --child-key is a public one");
        }
        Derivation derivation = new Derivation(
                own == null ? jwk : own.publicJwk(),
                tools == null ? null : TokenInput.object("--tools", tools),
                TokenInput.object("--bounds", bounds),
                lifetime().toSeconds(),
                maxDepth,
                actor,
                instruction == null ? null : TokenInput.object("--instruction", instruction));
        String child = derivation.derive(AgentKey.read(key), TokenInput.text(parent), Instant.now());
        if (certificate != null && own != null) {
            HolderCertificate.write(certificate, own, child);
        }
        out().println(child);
        return 0;
    }

    private Duration lifetime() {
        Duration parsed = Durations.parse(lifetime);
        if (parsed == null || parsed.toSeconds() == 0) {
            throw misuse("--lifetime must be a duration such as 300s, 5m or 1h, was '" + lifetime + "'");
        }
        return parsed;
    }

    /** The child's JWK: private where the option names a private key, else public. */
    private JsonObject childJwk() {
        if (childKey.startsWith("{") || childKey.startsWith("@")) {
            return TokenInput.object("--child-key", childKey);
        }
        Path file = Path.of(childKey);
        if (!Files.exists(file)) {
            AgentKey.readOrCreate(file);
        }
        return TokenInput.object("--child-key", "@" + childKey);
    }
}

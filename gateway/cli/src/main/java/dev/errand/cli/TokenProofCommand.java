package dev.errand.cli;

import dev.errand.holder.AgentKey;
import dev.errand.holder.Proofs;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code token proof}: a proof of possession for one call. */
@Command(
        name = "proof",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Signs a proof for one call: DPoP for a method and URL, or with --tool an AAT proof of its arguments.",
            "A proof is good once and for some seconds. The URL is the gateway's identifier and the path as sent."
        },
        footer = {
            "",
            "  URL=https://gateway.example.org/vault/v1/secret/data/ci/payments/db",
            "  printf 'Authorization: DPoP %%s\\nDPoP: %%s\\n' \"$(cat task.jwt)\" \\",
            "      \"$(errand token proof --token @task.jwt --key agent.jwk --method GET --url \"$URL\")\" | curl \"$URL\" -H @-",
            "",
            "By an AAT proof, which names operation and arguments instead of the URL:",
            "  printf 'Authorization: AAT %%s\\nAAT-PoP: %%s\\n' \"$(cat task.jwt)\" \\",
            "      \"$(errand token proof --token @task.jwt --key agent.jwk --tool vault:kv.read \\",
            "          --args '{\"resource\":\"secret/ci/payments/db\"}')\" | curl \"$URL\" -H @-",
            "",
            "If the gateway's address is not its identifier, call the address, and make the proof for the identifier's URL.",
            "An answer 401 with a DPoP-Nonce header wants the proof again, with --nonce."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:a file or token that cannot be used; standard error says why", "2:wrong options"})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class TokenProofCommand extends CliCommand {
    @Option(names = "--token", required = true, description = "The leaf token: @file, @- or text.")
    private String token;

    @Option(names = "--key", required = true, description = "File of the private JWK of the token's holder.")
    private Path key;

    @Option(names = "--method", defaultValue = "GET", description = "The method (${DEFAULT-VALUE}).")
    private String method;

    @Option(names = "--url", description = "The URL; needed for a DPoP proof.")
    private @Nullable String url;

    @Option(names = "--tool", description = "The operation; makes an AAT proof.")
    private @Nullable String tool;

    @Option(names = "--args", defaultValue = "{}", description = "The call's arguments for an AAT proof, as JSON.")
    private String args;

    @Option(
            names = "--audience",
            description = "The gateway's identifier, for an AAT proof: its aat_aud. Gateways may demand it.")
    private @Nullable String audience;

    @Option(names = "--nonce", description = "The nonce of the gateway's last answer, if it asked for one.")
    private @Nullable String nonce;

    @Override
    public Integer call() {
        if (tool == null && audience != null) {
            throw misuse("--audience is for an AAT proof: give --tool too");
        }
        if (tool == null && url == null) {
            throw misuse("give --url for a DPoP proof, or --tool and --args for an AAT proof");
        }
        AgentKey holder = AgentKey.read(key);
        String leaf = TokenInput.text(token);
        String proof = tool == null
                ? Proofs.dpop(holder, method, String.valueOf(url), leaf, nonce, Instant.now())
                : Proofs.aat(holder, leaf, tool, TokenInput.object("--args", args), audience, nonce, Instant.now());
        out().println(proof);
        return 0;
    }
}

package dev.errand.cli;

import dev.errand.jose.JoseSignatureVerifier;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.Printable;
import dev.errand.token.Limits;
import dev.errand.token.OfflineVerification;
import dev.errand.token.OfflineVerification.Call;
import dev.errand.token.OfflineVerification.Demands;
import dev.errand.token.OfflineVerification.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code errand verify}: verifies a chain, and one call under it, without a gateway. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Verifies a delegation chain offline and prints `permit`, or `deny <step> <reason>`.",
            "The steps are those of AAT-02 section 5; `task:<member>` is the task profile's.",
            "Exit code 0 for permit, 1 for deny, 2 for a usage error."
        },
        footer = {
            "",
            "A chain of one, at a time in the past, in a script:",
            "  errand verify --anchors jwks.json --chain @root.jwt --at 1795512000 && echo good",
            "The anchors of a running gateway:",
            "  curl -s https://gateway.example.org/.well-known/jwks.json > jwks.json",
            "With a proof, as the gateway would judge it:",
            "  errand verify --anchors jwks.json --chain @root.jwt,@leaf.jwt --audience https://gateway.example.org \\",
            "    --pop \"$PROOF\" --tool vault:kv.read --args '{\"resource\":\"secret/payments/db\"}'"
        })
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--anchors",
            required = true,
            paramLabel = "JWKS",
            description = {
                "File with the keys that may sign a root; a key's `iss` member, if any, is its issuer.",
                "A key whose `errand_use` is without `issue` is passed over."
            })
    private Path anchors = Path.of("");

    @Option(
            names = "--at",
            paramLabel = "EPOCH_S",
            description = "The time to verify at, in seconds since 1970; now if left out.")
    private @Nullable Long at;

    @Option(
            names = "--audience",
            paramLabel = "A",
            description = "The name that every `aud` in the chain must hold; without it step 6c is not checked.")
    private @Nullable String audience;

    @Option(
            names = "--chain",
            required = true,
            paramLabel = "T0,T1",
            description = "The tokens, root first, separated by commas; @FILE for one that a file has.")
    private String chain = "";

    @Option(names = "--pop", paramLabel = "P", description = "An AAT-PoP by the leaf's key; needs --tool and --args.")
    private @Nullable String pop;

    @Option(names = "--tool", paramLabel = "T", description = "The tool that is called.")
    private @Nullable String tool;

    @Option(names = "--args", paramLabel = "JSON", description = "The call's arguments: a JSON object, or @FILE.")
    private @Nullable String args;

    @Option(
            names = "--nonce",
            paramLabel = "N",
            description =
                    "The nonce that the proof must hold (7h); needs --pop. Without --nonce the proof may hold any nonce, or none.")
    private @Nullable String nonce;

    @Option(
            names = "--require-aud",
            description = "The root must have an `aud` (6c); with --audience it must name that.")
    private boolean requireAud;

    @Option(
            names = "--require-aat-aud",
            description = "The proof must have an `aat_aud` (7d); needs --pop. With --audience it must name that.")
    private boolean requireAatAud;

    @Override
    public Integer call() {
        Call call = requestedCall();
        if ((nonce != null || requireAatAud) && pop == null) {
            throw usage((nonce != null ? "--nonce" : "--require-aat-aud") + " is about a proof: give --pop too");
        }
        OfflineVerification verification = OfflineVerification.of(
                        new JoseSignatureVerifier(), object("--anchors", read(anchors)), Limits.DEFAULT)
                .orElseThrow(
                        () -> usage("--anchors has no `keys` array with an Ed25519 or P-256 public key of use issue"));
        List<String> tokens = chain.isBlank()
                ? List.of()
                : Arrays.stream(chain.split(",", -1))
                        .map(String::strip)
                        .map(this::token)
                        .toList();
        Verdict verdict = verification.verify(
                tokens,
                at == null ? Instant.now() : instant(at),
                audience,
                call,
                new Demands(nonce, requireAud, requireAatAud));
        if (verdict instanceof Verdict.Deny deny) {
            print(Printable.line("deny " + deny.step() + " " + deny.reason()));
            return 1;
        }
        print("permit");
        return 0;
    }

    private @Nullable Call requestedCall() {
        if (tool == null && args == null && pop == null) {
            return null;
        }
        if (tool == null || args == null) {
            throw usage("a call is given by --tool and --args together");
        }
        JsonObject arguments = args.startsWith("@")
                ? object("--args", read(path("--args", args.substring(1))))
                : object("--args", args.getBytes(StandardCharsets.UTF_8));
        return new Call(pop, tool, arguments);
    }

    private Instant instant(long epochSeconds) {
        if (epochSeconds < 0 || epochSeconds > Instant.MAX.getEpochSecond()) {
            throw usage("--at must be seconds since 1970");
        }
        return Instant.ofEpochSecond(epochSeconds);
    }

    private String token(String given) {
        return given.startsWith("@")
                ? new String(read(path("--chain", given.substring(1))), StandardCharsets.UTF_8).strip()
                : given;
    }

    private Path path(String option, String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw usage(option + ": not a file name");
        }
    }

    private byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw usage("cannot read " + file);
        }
    }

    private JsonObject object(String option, byte[] text) {
        try {
            return Json.parseObject(text);
        } catch (MalformedJsonException e) {
            throw usage(option + " must be one JSON object without duplicate members");
        }
    }

    private void print(String line) {
        if (spec == null) {
            throw new IllegalStateException("not run by picocli");
        }
        spec.commandLine().getOut().println(line);
    }

    private ParameterException usage(String message) {
        if (spec == null) {
            throw new IllegalStateException(message);
        }
        return new ParameterException(spec.commandLine(), message);
    }
}

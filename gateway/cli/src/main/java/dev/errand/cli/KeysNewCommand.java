package dev.errand.cli;

import dev.errand.jose.KeyAlgorithm;
import dev.errand.jose.KeyFileException;
import dev.errand.jose.NewKeyFile;
import dev.errand.json.DidYouMean;
import dev.errand.token.KeyUse;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code errand keys new}: makes a private JWK Set; exit 1 if the file exists or cannot be written. */
@Command(
        name = "new",
        mixinStandardHelpOptions = true,
        usageHelpWidth = 120,
        description = {
            "Makes a private JWK Set with a key of its own for each use, mode 0600. A file that is there is left as it"
                    + " is.",
            "Prints one line for each key: its use, its algorithm and its `kid`."
        },
        footer = {
            "",
            "  errand keys new keys.jwks                            for errand.keys: every use",
            "  errand keys new edge.jwks --use txn,message,log      without the keys of use issue and state",
            "  errand keys new credential.jwks --credential         for credentials, not for errand.keys"
        })
final class KeysNewCommand extends CliCommand {
    private static final List<String> WORDS =
            Arrays.stream(KeyUse.values()).map(KeyUse::wire).toList();

    @Parameters(paramLabel = "FILE", description = "the file to be made")
    private Path file = Path.of("");

    @Option(
            names = "--use",
            split = ",",
            paramLabel = "USE",
            description = "the uses: issue, txn, message, log, state; all of them if left out")
    private List<String> words = List.of();

    @Option(
            names = "--algorithm",
            paramLabel = "ALG",
            description = "Ed25519 (default) or ES256; the key of use log is Ed25519 all the same")
    private @Nullable String algorithm;

    @Option(names = "--credential", description = "one ES256 key that names no use, for credentials")
    private boolean credential;

    @Override
    public Integer call() {
        NewKeyFile keys = keys();
        PrintWriter err = err();
        try {
            if (!keys.write(file)) {
                err.println(file + ": is there already and stays as it is; name another file");
                return 1;
            }
        } catch (KeyFileException e) {
            err.println(e.getMessage());
            return 1;
        } finally {
            err.flush();
        }
        PrintWriter out = out();
        keys.lines().forEach(out::println);
        out.flush();
        return 0;
    }

    private NewKeyFile keys() {
        if (!credential) {
            return NewKeyFile.of(uses(), signing());
        }
        if (!words.isEmpty() || algorithm != null) {
            throw usage("--credential makes one ES256 key; leave --use and --algorithm out");
        }
        return NewKeyFile.ofCredentials();
    }

    private Set<KeyUse> uses() {
        Set<KeyUse> uses = EnumSet.noneOf(KeyUse.class);
        for (String word : words.isEmpty() ? WORDS : words) {
            uses.add(KeyUse.parse(word)
                    .orElseThrow(
                            () -> usage("--use: '" + word + "' is no use of a key" + DidYouMean.hint(word, WORDS))));
        }
        return uses;
    }

    private KeyAlgorithm signing() {
        return Arrays.stream(KeyAlgorithm.values())
                .filter(known -> algorithm == null || known.jws().equals(algorithm))
                .findFirst()
                .orElseThrow(() -> usage("--algorithm must be Ed25519 or ES256, was '" + algorithm + "'"));
    }

    private ParameterException usage(String message) {
        return misuse(message);
    }
}

package dev.errand.load;

import dev.errand.jose.KeyAlgorithm;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Writes calls signed in advance for {@code client/load}, so that the agent's cost does not hide the gateway's: a line
 * of header fields for each caller, then one line for each call. They are good for half a minute.
 *
 * <p>Each caller has a task of its own. {@code errand.load.depth} (1) is the number of tokens in its chain, the root
 * among them; {@code errand.load.algorithm} (Ed25519, or ES256) that of all holders' keys. With
 * {@code errand.load.certificate}, a private JWK, every leaf is bound to that key and the calls carry no proof: the
 * connection proves it. With {@code errand.load.begun} (false) each task makes one call here, with
 * {@code errand.load.remembered} (false) as well, after which its calls leave the ancestors out.
 */
final class SignedCalls {
    private SignedCalls() {}

    /** Arguments: the file, how many calls, how many tasks, the path. */
    public static void main(String[] arguments) throws IOException {
        int calls = Integer.parseInt(arguments[1]);
        Target target = Target.ofSystemProperties();
        String certificate = System.getProperty("errand.load.certificate");
        List<StartedTask> tasks = tasks(target, Integer.parseInt(arguments[2]), certificate);
        boolean remembered = Boolean.getBoolean("errand.load.remembered");
        if (remembered || Boolean.getBoolean("errand.load.begun")) {
            if (certificate != null) {
                throw new IllegalArgumentException("the first calls are made here, without the client certificate");
            }
            target.call(tasks, arguments[3]);
        }
        try (Writer out = Files.newBufferedWriter(Path.of(arguments[0]))) {
            for (StartedTask task : tasks) {
                out.write("T\tAuthorization: " + (certificate == null ? "DPoP " : "AAT ") + task.token());
                out.write(remembered || task.chain().isEmpty() ? "\n" : "\tDelegation-Chain: " + task.chain() + "\n");
            }
            if (certificate == null) {
                // Half of the window for the signing itself, the rest for the run.
                long ahead = System.currentTimeMillis() / 1000 + 15;
                List<String> lines = IntStream.range(0, calls)
                        .parallel()
                        .mapToObj(i -> "C\t" + i % tasks.size() + "\t"
                                + tasks.get(i % tasks.size()).proof("GET", target.issuer() + arguments[3], ahead)
                                + "\n")
                        .toList();
                for (String line : lines) {
                    out.write(line);
                }
            }
        }
    }

    private static List<StartedTask> tasks(Target target, int count, @org.jspecify.annotations.Nullable String leaf) {
        int depth = Integer.getInteger("errand.load.depth", 1);
        KeyAlgorithm algorithm = System.getProperty("errand.load.algorithm", "").equals("ES256")
                ? KeyAlgorithm.ES256
                : KeyAlgorithm.ED25519;
        Signer last = leaf == null ? null : Signer.read(Path.of(leaf));
        List<StartedTask> roots =
                target.start(count, i -> last != null && depth == 1 ? last : Signer.generate(algorithm));
        return roots.stream()
                .map(task -> {
                    StartedTask deepest = task;
                    for (int i = 2; i <= depth; i++) {
                        deepest = deepest.derived(last != null && i == depth ? last : Signer.generate(algorithm));
                    }
                    return deepest;
                })
                .toList();
    }
}

package dev.errand.load;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes calls signed in advance for {@code wrk -s calls.lua}, so that the client's cost does not hide the gateway's:
 * one line each, the token and its proof. They are good for half a minute.
 */
final class SignedCalls {
    private SignedCalls() {}

    /** Arguments: the file, how many calls, how many tasks, the path. */
    public static void main(String[] arguments) throws IOException {
        Target target = Target.ofSystemProperties();
        int calls = Integer.parseInt(arguments[1]);
        List<StartedTask> tasks = target.start(Integer.parseInt(arguments[2]));
        long ahead = System.currentTimeMillis() / 1000 + 15;
        try (BufferedWriter out = Files.newBufferedWriter(Path.of(arguments[0]))) {
            for (int i = 0; i < calls; i++) {
                StartedTask task = tasks.get(i % tasks.size());
                out.write(task.authorization());
                out.write('\t');
                out.write(task.proof("GET", target.issuer() + arguments[3], ahead));
                out.write('\n');
            }
        }
    }
}

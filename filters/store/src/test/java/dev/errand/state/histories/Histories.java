package dev.errand.state.histories;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The campaign: random faulty histories, seed after seed, until the time is over or one shows what it must not. */
public final class Histories {
    private static final List<String> KINDS = List.of("single", "failover", "cluster", "hardened", "slow");

    private Histories() {}

    /** Arguments: minutes, first seed, steps a history, and kinds of stores; each may be left out. */
    public static void main(String[] arguments) throws Exception {
        long minutes = arguments.length > 0 ? Long.parseLong(arguments[0]) : 60;
        long seed = arguments.length > 1 ? Long.parseLong(arguments[1]) : System.currentTimeMillis();
        int steps = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1000;
        List<String> kinds = arguments.length > 3 ? List.of(arguments).subList(3, arguments.length) : KINDS;
        Path directory = Files.createTempDirectory("errand-histories");
        long end = System.nanoTime() + Duration.ofMinutes(minutes).toNanos();
        int histories = 0;
        long calls = 0;
        do {
            String kind = kinds.get(histories % kinds.size());
            try (History history = new History(seed, kind, directory.resolve("s" + seed))) {
                List<String> found = history.run(steps);
                calls += history.calls();
                histories++;
                System.out.println("seed " + seed + " " + kind + ": " + history.calls() + " calls, "
                        + history.passes() + " approved, " + history.unknown() + " refused as unknown, "
                        + (found.isEmpty() ? "nothing found" : found));
                if (!found.isEmpty()) {
                    System.exit(1);
                }
            }
            seed++;
        } while (System.nanoTime() < end);
        System.out.println(histories + " histories, " + calls + " calls: nothing found");
        System.exit(0);
    }
}

package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A block of a page that shows commands behind {@code $} and what they printed. Numbers may be others than those that the page
 * shows, and dots stand for anything.
 *
 * @param command without the prompt
 * @param shown the lines below it
 */
record Dialogue(String command, List<String> shown) {
    /** The first command of a block. */
    static Dialogue of(String block) {
        List<String> lines = block.strip().lines().toList();
        int end = 1;
        while (lines.get(end - 1).endsWith("\\")) {
            end++;
        }
        return new Dialogue(
                String.join("\n", lines.subList(0, end)).substring(2),
                lines.stream()
                        .skip(end)
                        .takeWhile(line -> !line.startsWith("$ "))
                        .toList());
    }

    /** What is typed behind the prompts of a block, as a script. */
    static String typed(String block) {
        return block.lines()
                .filter(line -> line.startsWith("$ "))
                .map(line -> line.substring(2))
                .collect(Collectors.joining("\n"));
    }

    /** The lines that are shown were printed in this order. */
    void assertPrinted(String printed) {
        Iterator<String> lines = printed.lines().iterator();
        for (String line : shown) {
            if (!line.isBlank() && !line.strip().equals("…")) {
                Pattern pattern = pattern(line);
                boolean found = false;
                while (!found && lines.hasNext()) {
                    found = pattern.matcher(lines.next()).matches();
                }
                assertThat(found).as("%s%nin:%n%s", line, printed).isTrue();
            }
        }
    }

    private static Pattern pattern(String line) {
        String open = line.replaceAll("(sha-256:|\\b[tdlg]-)\\w*…", "$1…").replaceAll("[0-9]+", "0");
        return Pattern.compile(Arrays.stream(open.split("…", -1))
                .map(part -> Arrays.stream(part.split("0", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining("[0-9]+(?:[.][0-9]+)?")))
                .collect(Collectors.joining(".*")));
    }
}

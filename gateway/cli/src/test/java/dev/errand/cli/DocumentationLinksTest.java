package dev.errand.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every link of a page leads to a file of the repository, and every anchor to a heading of it. */
class DocumentationLinksTest {
    private static final Path REPOSITORY = Checkout.TOP;
    private static final Set<String> NOT_OURS = Set.of("target", "node_modules", ".git");

    private static final Pattern FENCE = Pattern.compile("(?ms)^```.*?^```");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
    private static final Pattern LINKED_TEXT = Pattern.compile("\\[([^\\]]*)\\]\\([^)]*\\)");
    private static final Pattern ELSEWHERE = Pattern.compile("^[a-z]+:.*");

    private final Map<Path, Set<String>> anchors = new HashMap<>();

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(REPOSITORY)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> Stream.of(
                                    REPOSITORY.relativize(file).toString().split("/"))
                            .noneMatch(NOT_OURS::contains))
                    .sorted()
                    .toList();
        }
    }

    private static String text(Path page) {
        try {
            return FENCE.matcher(Files.readString(page)).replaceAll("");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The anchors that the usual renderers give the headings: the second of one name ends in -1. */
    private static Set<String> headings(Path page) {
        Set<String> found = new HashSet<>();
        Map<String, Integer> counts = new HashMap<>();
        Matcher heading = HEADING.matcher(text(page));
        while (heading.find()) {
            String anchor = LINKED_TEXT
                    .matcher(heading.group(1))
                    .replaceAll("$1")
                    .strip()
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("[^\\w\\- ]", "")
                    .replace(' ', '-');
            int before = counts.merge(anchor, 1, Integer::sum) - 1;
            found.add(before == 0 ? anchor : anchor + "-" + before);
        }
        return found;
    }

    private boolean leadsSomewhere(Path page, String link) {
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? page : page.resolveSibling(file).normalize();
        if (!target.startsWith(REPOSITORY) || !Files.exists(target)) {
            return false;
        }
        return hash < 0
                || anchors.computeIfAbsent(target, DocumentationLinksTest::headings)
                        .contains(link.substring(hash + 1));
    }

    @Test
    void links_ofAllPages_leadSomewhere() throws IOException {
        List<String> broken = new ArrayList<>();
        int seen = 0;
        for (Path page : pages()) {
            Matcher link = LINK.matcher(text(page));
            while (link.find()) {
                if (!ELSEWHERE.matcher(link.group(1)).matches()) {
                    seen++;
                    if (!leadsSomewhere(page, link.group(1))) {
                        broken.add(REPOSITORY.relativize(page) + ": " + link.group(1));
                    }
                }
            }
        }
        assertThat(broken).isEmpty();
        assertThat(seen).isGreaterThan(100);
    }
}

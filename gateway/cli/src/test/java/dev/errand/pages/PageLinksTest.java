package dev.errand.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Each link of a page leads to a file and a heading of the repository; each page is two clicks from the first, and in the site. */
class PageLinksTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern ADDRESS = Pattern.compile("[a-z]+:.*");
    private static final Pattern HEADING = Pattern.compile("#+ (.*)");
    private static final String FIRST = "docs/README.md";

    private record Link(String page, String file, String heading) {}

    private static List<Link> links(String page) {
        List<Link> links = new ArrayList<>();
        Matcher link = LINK.matcher(String.join("\n", Block.prose(page)));
        while (link.find()) {
            if (!ADDRESS.matcher(link.group(1)).matches()) {
                String[] parts = link.group(1).split("#", 2);
                Path file = parts[0].isEmpty()
                        ? Path.of(page)
                        : Path.of(page).resolveSibling(parts[0]).normalize();
                links.add(new Link(page, file.toString(), parts.length > 1 ? parts[1] : ""));
            }
        }
        return links;
    }

    /** The anchors of the headings, as GitHub and the site make them. */
    private static Set<String> anchors(String page) {
        Map<String, Integer> seen = new HashMap<>();
        Set<String> anchors = new HashSet<>();
        for (String line : Block.prose(page)) {
            Matcher heading = HEADING.matcher(line);
            if (heading.matches()) {
                String anchor = heading.group(1)
                        .replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1")
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\w\\- ]", "")
                        .replace(' ', '-');
                int before = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return anchors;
    }

    @Test
    void everyLink_leadsToAFileAndAHeading() {
        List<String> told = new ArrayList<>();
        int seen = 0;
        for (String page : Block.pages()) {
            for (Link link : links(page)) {
                seen++;
                boolean there = Files.exists(Block.REPOSITORY.resolve(link.file()))
                        && (link.heading().isEmpty()
                                || !link.file().endsWith(".md")
                                || anchors(link.file()).contains(link.heading()));
                if (!there) {
                    told.add(link.toString());
                }
            }
        }
        assertThat(told).isEmpty();
        assertThat(seen).isGreaterThan(200);
    }

    /** The left column of the site has each page; a page from outside of docs has another name there. */
    @Test
    void everyPage_isInTheColumnOfTheSite() {
        String column = String.join("\n", Block.linesOf("deploy/site/mkdocs.yml"));
        String renamed = String.join("\n", Block.linesOf("deploy/site/pages.py"));
        assertThat(Block.pages()).allSatisfy(page -> {
            Matcher name = Pattern.compile(Pattern.quote("\"" + page + "\": \"") + "([a-z-]+\\.md)\"")
                    .matcher(renamed);
            String inSite = page.startsWith("docs/")
                    ? page.substring("docs/".length())
                    : name.find() ? name.group(1) : "no name in deploy/site/pages.py";
            assertThat(column).as(page).contains(": " + inSite + "\n");
        });
    }

    @Test
    void everyPage_isTwoClicksFromTheFirst() {
        Map<String, Integer> clicks = new HashMap<>(Map.of(FIRST, 0));
        Deque<String> open = new ArrayDeque<>(List.of(FIRST));
        while (!open.isEmpty()) {
            String page = open.remove();
            for (Link link : links(page)) {
                if (link.file().endsWith(".md") && clicks.putIfAbsent(link.file(), clicks.get(page) + 1) == null) {
                    open.add(link.file());
                }
            }
        }
        assertThat(Block.pages())
                .allSatisfy(page ->
                        assertThat(clicks.getOrDefault(page, 99)).as(page).isLessThanOrEqualTo(2));
    }
}

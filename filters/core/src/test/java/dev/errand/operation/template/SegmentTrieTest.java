package dev.errand.operation.template;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.config.Position;
import dev.errand.operation.Canonical;
import dev.errand.operation.CanonicalPath;
import dev.errand.operation.CanonicalQuery;
import dev.errand.operation.Effect;
import dev.errand.operation.Normalisation;
import dev.errand.operation.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentTrieTest {
    private static final List<String> WORDS = List.of("a", "b", "c", "x.y", "p-q");

    /** Matches by brute force: every way of giving path segments to template parts, best by comparing kinds from the left. */
    private static final class Reference {
        static Set<String> best(List<String> templates, List<String> path, boolean slash) {
            List<String> fitting = new ArrayList<>();
            List<String> kinds = new ArrayList<>();
            for (String template : templates) {
                boolean ends = template.length() > 1 && template.endsWith("/");
                String body = template.substring(1, template.length() - (ends ? 1 : 0));
                List<String> parts = body.isEmpty() ? List.of() : List.of(body.split("/"));
                String kind = ends == slash ? fit(parts, path) : null;
                if (kind != null) {
                    fitting.add(template);
                    kinds.add(kind);
                }
            }
            String least = kinds.stream().min(String::compareTo).orElse("");
            Set<String> best = new TreeSet<>();
            for (int i = 0; i < fitting.size(); i++) {
                if (kinds.get(i).equals(least)) {
                    best.add(fitting.get(i));
                }
            }
            return best;
        }

        /** One digit a path segment, 0 for a literal and 1 for a variable, then 1 if a variable matched nothing. */
        private static String fit(List<String> parts, List<String> path) {
            if (parts.isEmpty()) {
                return path.isEmpty() ? "0" : null;
            }
            String part = parts.get(0);
            List<String> rest = parts.subList(1, parts.size());
            if (part.endsWith("+}") || part.endsWith("*}")) {
                for (int n = part.endsWith("+}") ? 1 : 0; n <= path.size(); n++) {
                    String tail = fit(rest, path.subList(n, path.size()));
                    if (tail != null) {
                        return "1".repeat(n) + (n == 0 ? tail.substring(0, tail.length() - 1) + "1" : tail);
                    }
                }
                return null;
            }
            if (path.isEmpty()) {
                return null;
            }
            String head = path.get(0);
            boolean literal = !part.contains("{");
            boolean fits = literal
                    ? part.equals(head)
                    : part.startsWith("{") && part.endsWith("}") && !part.contains(".")
                            || head.length() > 2 && head.charAt(1) == '.';
            String tail = fits ? fit(rest, path.subList(1, path.size())) : null;
            return tail == null ? null : (literal ? "0" : "1") + tail;
        }
    }

    private static String template(Random random) {
        StringBuilder text = new StringBuilder();
        boolean multi = false;
        int size = random.nextInt(6);
        for (int i = 0; i < size; i++) {
            int kind = random.nextInt(10);
            text.append('/');
            if (kind < 5) {
                text.append(WORDS.get(random.nextInt(WORDS.size())));
            } else if (kind < 8 || multi && kind == 9) {
                text.append("{v").append(i).append('}');
            } else if (kind == 8) {
                text.append("{l").append(i).append("}.{r").append(i).append('}');
            } else {
                multi = true;
                text.append("{m").append(i).append(random.nextBoolean() ? "+}" : "*}");
            }
        }
        return text.length() == 0 ? "/" : text + (random.nextInt(5) == 0 ? "/" : "");
    }

    private static PathRule rule(String text) throws PathTemplate.InvalidTemplateException {
        PathTemplate template = PathTemplate.parse(text);
        Operation operation = new Operation("t:" + text, Effect.READ, false, false);
        TemplateOperation target =
                new TemplateOperation(operation, List.of(), Set.of(), false, Set.of(), new Position("f", 1, 1));
        return new PathRule(
                template,
                Set.of("GET"),
                Map.of(),
                target,
                ResourceTemplate.below(PathTemplate.parse("/"), template),
                null);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void best_onRandomTemplatesAndPaths_isWhatBruteForceFinds(long seed) throws Exception {
        Random random = new Random(seed);
        int hits = 0;
        for (int round = 0; round < 200; round++) {
            Set<String> texts = new TreeSet<>();
            for (int i = 0; i < 25; i++) {
                texts.add(template(random));
            }
            List<PathRule> rules = new ArrayList<>();
            for (String text : texts) {
                rules.add(rule(text));
            }
            SegmentTrie trie = new SegmentTrie(rules);
            for (int i = 0; i < 40; i++) {
                List<String> segments = new ArrayList<>();
                for (int n = random.nextInt(7); n > 0; n--) {
                    segments.add(WORDS.get(random.nextInt(WORDS.size())));
                }
                boolean slash = !segments.isEmpty() && random.nextInt(5) == 0;
                String raw = "/" + String.join("/", segments) + (slash ? "/" : "");
                CanonicalPath path =
                        ((Canonical.Accepted<CanonicalPath>) CanonicalPath.parse(raw, Normalisation.DEFAULT)).value();
                List<PathRule> best = trie.best("GET", path, CanonicalQuery.NONE);
                Set<String> found = best.stream()
                        .map(rule -> rule.template().text())
                        .collect(Collectors.toCollection(TreeSet::new));
                assertThat(found)
                        .as("%s among %s", raw, texts)
                        .isEqualTo(Reference.best(new ArrayList<>(texts), segments, slash));
                hits += found.isEmpty() ? 0 : 1;
                for (PathRule a : best) {
                    for (PathRule b : best) {
                        assertThat(a == b || a.template().ties(b.template()))
                                .as("%s and %s tie on %s", a.template(), b.template(), raw)
                                .isTrue();
                    }
                }
            }
        }
        assertThat(hits).isGreaterThan(1000);
    }
}

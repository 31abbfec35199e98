package dev.errand.template;

import static dev.errand.operation.Requests.outcome;
import static dev.errand.operation.Requests.request;
import static dev.errand.operation.Requests.withBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.config.Faults;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.operation.Effect;
import dev.errand.operation.OperationCall;
import dev.errand.operation.OperationCatalogue;
import dev.errand.operation.OperationForm;
import dev.errand.operation.Requests;
import dev.errand.operation.Resolution;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The catalogue of GitHub's API beside its own document: what each request is named, and what it is never named. */
class GitHubCatalogueTest {
    private static final Path FOLDER = Checkout.path("examples/github/operations");
    private static final Faults FAULTS = new Faults();
    private static final OperationCatalogue GITHUB =
            CatalogueLoader.load(FOLDER, FAULTS).find("github").orElseThrow();
    private static final String CREATED = "application/json; charset=utf-8";

    /** An operation of the document, and the paths that are its own, read without Errand's code. */
    private record Described(String method, String template, String id, Pattern path, int literals) {}

    private static final List<Described> DOCUMENT = document();

    private static List<Described> document() {
        try {
            JsonObject paths = Json.parseObject(Files.readAllBytes(FOLDER.resolve("github-openapi.json")))
                    .object("paths");
            List<Described> all = new ArrayList<>();
            for (Map.Entry<String, JsonValue> path : paths.members().entrySet()) {
                for (Map.Entry<String, JsonValue> method :
                        ((JsonObject) path.getValue()).members().entrySet()) {
                    JsonObject operation = (JsonObject) method.getValue();
                    all.add(described(method.getKey(), path.getKey(), operation));
                }
            }
            return all;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Described described(String method, String template, JsonObject operation) {
        Set<String> several = new TreeSet<>();
        if (operation.get("parameters") instanceof JsonArray parameters) {
            parameters.values().stream()
                    .map(JsonObject.class::cast)
                    .filter(parameter -> parameter.get("x-multi-segment") != null)
                    .forEach(parameter -> several.add("{" + parameter.string("name") + "}"));
        }
        StringBuilder pattern = new StringBuilder();
        int literals = 0;
        for (String segment : template.substring(1).split("/", -1)) {
            boolean variable = segment.startsWith("{");
            literals = literals * 2 + (variable ? 0 : 1);
            pattern.append('/')
                    .append(
                            variable
                                    ? several.contains(segment) ? "[^/]+(?:/[^/]+)*" : "[^/]+"
                                    : Pattern.quote(segment));
        }
        return new Described(
                method.toUpperCase(Locale.ROOT),
                template,
                operation.string("operationId"),
                Pattern.compile(pattern.toString()),
                literals);
    }

    /** What GitHub does with a request: the operation whose path fits best, by the document. Empty if none does. */
    private static String meant(String method, String path) {
        String decoded = path;
        try {
            decoded = URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return "";
        }
        String plain = decoded;
        String id = DOCUMENT.stream()
                .filter(one ->
                        one.method().equals(method) && one.path().matcher(plain).matches())
                .max(Comparator.comparing((Described one) -> specificity(one.template(), plain)))
                .map(Described::id)
                .orElse("");
        boolean workflow =
                decoded.toLowerCase(Locale.ROOT).matches("/repos/[^/]+/[^/]+/contents/\\.github(/workflows(/.*)?)?");
        return workflow && id.equals("repos/create-or-update-file-contents")
                ? "workflows/create-or-update-file"
                : workflow && id.equals("repos/delete-file") ? "workflows/delete-file" : id;
    }

    /** 1 for each literal segment, from the left. */
    private static String specificity(String template, String path) {
        StringBuilder bits = new StringBuilder();
        for (String segment : template.substring(1).split("/", -1)) {
            bits.append(segment.startsWith("{") ? '0' : '1');
        }
        return bits.toString();
    }

    private static String named(String method, String target) {
        Resolution found = GITHUB.resolve(withBody(method, target, body(method, target), "Content-Type", CREATED));
        return found instanceof Resolution.Resolved resolved
                ? resolved.calls().get(0).operation().id().substring("github:".length())
                : "";
    }

    private static String body(String method, String target) {
        return method.equals("GET")
                ? null
                : target.endsWith("/git/trees") ? "{\"tree\":[{\"path\":\"src/a\",\"sha\":null}]}" : "{}";
    }

    @Test
    void load_isWithoutFault_andEveryOperationIsReviewed() {
        assertThat(FAULTS.list()).isEmpty();
        assertThat(FAULTS.warnings())
                .hasSize(2)
                .allMatch(warning -> warning.message()
                        .matches("the agent chooses the value of '(X-GitHub-Api-Version|Time-Zone)'.*"));
        List<OperationForm> forms = GITHUB.forms();
        assertThat(forms).hasSizeGreaterThan(400);
        assertThat(forms).noneMatch(form -> form.effect() == Effect.UNREVIEWED);
        assertThat(GITHUB.imports().orElseThrow().ambiguities()).isEmpty();
        assertThat(GITHUB.imports().orElseThrow().leftOut()).isEmpty();
    }

    @Test
    void everyOperationOfARepository_namesItsPermission_andWritesNeedWriting() {
        Set<String> none = new TreeSet<>();
        for (OperationForm form : GITHUB.forms()) {
            Set<String> permissions = GITHUB.permissions(form.id());
            if (permissions.isEmpty()) {
                none.add(form.path());
            } else if (Set.of(Effect.WRITE, Effect.DELETE, Effect.EXECUTE).contains(form.effect())) {
                assertThat(permissions).as(form.id()).allMatch(permission -> permission.endsWith(":write"));
            } else if (form.effect() != Effect.ADMIN) {
                assertThat(permissions).as(form.id()).allMatch(permission -> permission.endsWith(":read"));
            }
        }
        assertThat(none).allMatch(path -> !path.startsWith("/repos/") || path.endsWith("/notifications"));
    }

    @Test
    void everyPathOfTheDocument_isItsOwnOperation() {
        Map<String, String> wrong = new TreeMap<>();
        for (Described one : DOCUMENT) {
            String path = one.template().replaceAll("\\{[^}]+}", "x1");
            String named = named(one.method(), path);
            if (!named.equals(one.id())) {
                wrong.put(one.method() + " " + path, named);
            }
        }
        assertThat(wrong).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, contents/src/a.txt, github:repos/create-or-update-file-contents on acme/app/src/a.txt",
        "PUT, contents/src%2Fa.txt, github:repos/create-or-update-file-contents on acme/app/src/a.txt",
        "PUT, contents/.github/workflows/ci.yml, github:workflows/create-or-update-file on acme/app/.github/workflows/ci.yml",
        "PUT, contents/.github%2Fworkflows%2Fci.yml, github:workflows/create-or-update-file on acme/app/.github/workflows/ci.yml",
        "PUT, contents/%2egithub/%77orkflows/ci.yml, github:workflows/create-or-update-file on acme/app/.github/workflows/ci.yml",
        "PUT, contents/.GITHUB/Workflows/ci.yml, github:workflows/create-or-update-file on acme/app/.GITHUB/Workflows/ci.yml",
        "PUT, contents/.github, github:workflows/create-or-update-file on acme/app/.github",
        "PUT, contents/.github/workflows, github:workflows/create-or-update-file on acme/app/.github/workflows",
        "PUT, contents/.github/workflows/a/b.yml, github:workflows/create-or-update-file on acme/app/.github/workflows/a/b.yml",
        "PUT, contents/.github/CODEOWNERS, github:repos/create-or-update-file-contents on acme/app/.github/CODEOWNERS",
        "PUT, contents/.github/workflowsx/a.yml, github:repos/create-or-update-file-contents on acme/app/.github/workflowsx/a.yml",
        "PUT, contents/x/.github/workflows/a.yml, github:repos/create-or-update-file-contents on acme/app/x/.github/workflows/a.yml",
        "PUT, contents/.github//workflows/ci.yml, malformed",
        "PUT, contents//.github/workflows/ci.yml, malformed",
        "PUT, contents/.github/workflows/, malformed",
        "PUT, contents/src/../.github/workflows/ci.yml, malformed",
        "PUT, contents/src/%2e%2e/.github/workflows/ci.yml, malformed",
        "PUT, contents/.github%252Fworkflows%252Fci.yml, malformed",
        "PUT, contents/.github%5Cworkflows%5Cci.yml, malformed",
        "PUT, contents/.github;x/workflows/ci.yml, malformed",
        "PUT, contents/.github/workflow%C5%BF/ci.yml, malformed",
        "PUT, contents/src/a.txt?branch=main, malformed",
        "DELETE, contents/.github/workflows/ci.yml, github:workflows/delete-file on acme/app/.github/workflows/ci.yml",
        "DELETE, contents/src/a.txt, github:repos/delete-file on acme/app/src/a.txt",
        "PATCH, git/refs/heads/fix%2F17, github:git/update-ref on acme/app/heads/fix/17",
        "PUT, pulls/3/merge, github:pulls/merge on acme/app/3",
        "POST, merges, github:repos/merge on acme/app",
        "PUT, actions/secrets/TOKEN, github:actions/create-or-update-repo-secret on acme/app/TOKEN",
        "POST, actions/workflows/ci.yml/dispatches, github:actions/create-workflow-dispatch on acme/app/ci.yml",
        "DELETE, issues/17/labels/bug, github:issues/remove-label on acme/app/17/bug"
    })
    void resolve_writes(String method, String target, String expected) {
        assertThat(outcome(GITHUB, withBody(method, "/repos/acme/app/" + target, "{}", "Content-Type", CREATED)))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /graphql, unknown",
        "GET, /graphql, unknown",
        "DELETE, /installation/token, unknown",
        "POST, /app/installations/1/access_tokens, unknown",
        "GET, /repositories/1300192/issues, unknown",
        "GET, /search/code?q=secret, github:search/code on search/code",
        "GET, /notifications, github:activity/list-notifications-for-authenticated-user on notifications",
        "GET, /repos/Acme/App, github:repos/get on Acme/App",
        "HEAD, /repos/acme/app, github:repos/get on acme/app",
        "GET, /Repos/acme/app, unknown",
        "GET, /repos/acme/app/compare/main...fix, github:repos/compare-commits-with-basehead on acme/app/main...fix",
        "GET, /repos/acme/app/issues?state=open&per_page=100, github:issues/list-for-repo on acme/app",
        "GET, /repos/acme/app/issues?access_token=x, malformed",
        "GET, /orgs/acme/repos, github:repos/list-for-org on acme",
        "GET, /user, github:users/get-authenticated on user"
    })
    void resolve_others(String method, String target, String expected) {
        assertThat(outcome(GITHUB, request(method, target))).isEqualTo(expected);
    }

    /** A server that takes a slash for several, or an encoded one for a plain one, finds the same files. */
    @ParameterizedTest
    @CsvSource({
        "'encoded-slash: literal', .github%2Fworkflows%2Fci.yml",
        "'encoded-slash: literal', .github%2fworkflows/ci.yml",
        "'empty-segments: fold', .github//workflows/ci.yml",
        "'empty-segments: literal', .github//workflows///ci.yml"
    })
    void resolve_below_holdsForServersThatReadSlashesOtherwise(String normalise, String path) {
        String match = "match: {method: PUT, path: \"/files/{path+}\", each: \"{path}\"";
        OperationCatalogue files = Requests.catalogue("""
                catalogue: files
                resolver: template
                normalise: {%s}
                operations:
                  - {id: write, %s}, effect: write}
                  - {id: workflow, %s, below: [.github/workflows]}, effect: admin}
                """.formatted(normalise, match, match));
        assertThat(outcome(files, request("PUT", "/files/" + path))).startsWith("files:workflow on ");
    }

    private static Resolution tree(String body) {
        return GITHUB.resolve(withBody("POST", "/repos/acme/app/git/trees", body, "Content-Type", CREATED));
    }

    private static List<String> pairs(String body) {
        return ((Resolution.Resolved) tree(body))
                .calls().stream()
                        .flatMap(call ->
                                java.util.stream.Stream.concat(java.util.stream.Stream.of(call), call.also().stream()))
                        .map(call -> call.operation().id().substring(7) + " " + call.resource())
                        .toList();
    }

    @Test
    void resolve_tree_isOnePairForEachKindOfPath_andNeedsTheGrantOfEachPath() {
        assertThat(pairs("{\"base_tree\":\"b\",\"tree\":[{\"path\":\"src/a\"},{\"path\":\"src/b\"}]}"))
                .containsExactly("git/create-tree acme/app/src/a", "git/create-tree acme/app/src/b");
        assertThat(pairs("{\"tree\":[]}")).containsExactly("git/create-tree acme/app");
        assertThat(pairs("{\"tree\":[{\"path\":\"a\"},{\"path\":\".github/workflows/x.yml\"},{\"path\":\"b\"}]}"))
                .containsExactly(
                        "git/create-tree acme/app/a",
                        "git/create-tree acme/app/b",
                        "workflows/create-tree acme/app/.github/workflows/x.yml");
        assertThat(((Resolution.Resolved) tree("{\"tree\":[{\"path\":\"a\"},{\"path\":\".github\"}]}"))
                        .calls().stream().map(OperationCall::operation).toList())
                .extracting(operation -> operation.effect())
                .containsExactly(Effect.WRITE, Effect.ADMIN);
    }

    /** A tree can put another one, known by its hash alone, in the place of each folder on the way to the workflows. */
    @ParameterizedTest
    @ValueSource(strings = {".github", ".github/workflows", ".GitHub/workflows/a.yml", ".github/workflows/a/b.yml"})
    void resolve_treeOnTheWayToWorkflows_isAdmin(String path) {
        assertThat(pairs(
                        "{\"tree\":[{\"path\":\"" + path + "\",\"mode\":\"040000\",\"type\":\"tree\",\"sha\":\"0\"}]}"))
                .containsExactly("workflows/create-tree acme/app/" + path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"tree\":{\"0\":{\"path\":\".github/workflows/x.yml\"}}}",
                "{\"tree\":\".github/workflows/x.yml\"}",
                "{\"tree\":[{}]}",
                "{\"tree\":[[\"path\",\"a\"]]}",
                "{\"tree\":[{\"path\":17}]}",
                "{\"tree\":[{\"path\":null}]}",
                "{\"tree\":[{\"path\":\"\"}]}",
                "{\"tree\":[{\"path\":\"/a\"}]}",
                "{\"tree\":[{\"path\":\"a/\"}]}",
                "{\"tree\":[{\"path\":\"a//b\"}]}",
                "{\"tree\":[{\"path\":\"./.github/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\"a/../.github/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\".github\\\\workflows\\\\x.yml\"}]}",
                "{\"tree\":[{\"path\":\".github/workflows\\u0000/x.yml\"}]}",
                "{\"tree\":[{\"path\":\".g\\u0131thub/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\".github\\u200c/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\"a\",\"Path\":\".github/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\"a\"}],\"Tree\":[{\"path\":\".github/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\"a\"}],\"tree\":[{\"path\":\".github/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\"a\",\"path\":\".github/workflows/x.yml\"}]}",
                "{\"tree\":[{\"path\":\"a\"}]}{\"tree\":[]}"
            })
    void resolve_treeWhosePathsAreNotCertain_isMalformed(String body) {
        assertThat(tree(body)).as(body).isInstanceOf(Resolution.Malformed.class);
    }

    @Test
    void resolve_treeOfTooManyPaths_isMalformed() {
        String path = "{\"path\":\"a\"},";
        assertThat(tree("{\"tree\":[" + path.repeat(999) + "{\"path\":\"b\"}]}"))
                .isInstanceOf(Resolution.Resolved.class);
        assertThat(tree("{\"tree\":[" + path.repeat(1000) + "{\"path\":\"b\"}]}"))
                .isInstanceOf(Resolution.Malformed.class);
    }

    /** A way to spell a request otherwise. */
    private enum Mutation {
        METHOD {
            @Override
            Spelled of(Spelled sent, Random random) {
                List<String> methods =
                        List.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PUT ");
                return new Spelled(methods.get(random.nextInt(methods.size())), sent.path());
            }
        },
        ENCODED {
            @Override
            Spelled of(Spelled sent, Random random) {
                int at = 1 + random.nextInt(sent.path().length() - 1);
                String hex = String.format(random.nextBoolean() ? "%%%02X" : "%%%02x", (int)
                        sent.path().charAt(at));
                return sent.with(at, 1, random.nextInt(4) == 0 ? hex.replace("%", "%25") : hex);
            }
        },
        CASE {
            @Override
            Spelled of(Spelled sent, Random random) {
                int at = 1 + random.nextInt(sent.path().length() - 1);
                char c = sent.path().charAt(at);
                return sent.with(
                        at,
                        1,
                        String.valueOf(Character.isUpperCase(c) ? Character.toLowerCase(c) : Character.toUpperCase(c)));
            }
        },
        SLASHES {
            @Override
            Spelled of(Spelled sent, Random random) {
                List<String> more =
                        List.of("/", "//", "/./", "/../", "%2F", "%2f", "/x/../", "\\", "/%2e/", ";/", "/%20");
                int at = random.nextInt(4) == 0
                        ? sent.path().length()
                        : sent.path().indexOf('/', random.nextInt(sent.path().lastIndexOf('/') + 1));
                return sent.with(at, 0, more.get(random.nextInt(more.size())));
            }
        },
        SEGMENTS {
            @Override
            Spelled of(Spelled sent, Random random) {
                String[] segments = sent.path().substring(1).split("/");
                int a = random.nextInt(segments.length);
                int b = random.nextInt(segments.length);
                String kept = segments[a];
                segments[a] = segments[b];
                segments[b] = kept;
                return new Spelled(sent.method(), "/" + String.join("/", segments));
            }
        };

        abstract Spelled of(Spelled sent, Random random);
    }

    private record Spelled(String method, String path) {
        Spelled with(int at, int length, String text) {
            return new Spelled(method, path.substring(0, at) + text + path.substring(at + length));
        }
    }

    /** Every request of the document, and the files that decide what runs. */
    private static List<Spelled> sent() {
        List<Spelled> sent = new ArrayList<>();
        for (Described one : DOCUMENT) {
            if (one.template().length() > 1) {
                sent.add(new Spelled(one.method(), one.template().replaceAll("\\{[^}]+}", "x1")));
            }
        }
        for (String path : List.of("src/a.txt", ".github/workflows/ci.yml", ".github/CODEOWNERS", ".github")) {
            sent.add(new Spelled("PUT", "/repos/acme/app/contents/" + path));
            sent.add(new Spelled("DELETE", "/repos/acme/app/contents/" + path));
        }
        return sent;
    }

    /** What Errand names a request is what the document says that it means, or nothing. */
    @ParameterizedTest
    @EnumSource(Mutation.class)
    void resolve_mutations_areNamedRightOrRefused(Mutation mutation) {
        Random random = new Random(61);
        List<Spelled> all = sent();
        Set<String> wrong = new TreeSet<>();
        int named = 0;
        for (int i = 0; i < 2_000; i++) {
            Spelled from = all.get(i % all.size());
            Spelled mutated = mutation.of(from, random);
            mutated = random.nextBoolean() ? mutated : mutation.of(mutated, random);
            String name = named(mutated.method(), mutated.path());
            named += name.isEmpty() ? 0 : 1;
            if (!name.isEmpty() && !name.equals(meant(mutated.method(), mutated.path()))) {
                wrong.add(mutated + " is " + name + ", meant " + meant(mutated.method(), mutated.path()));
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(named).isPositive();
    }
}

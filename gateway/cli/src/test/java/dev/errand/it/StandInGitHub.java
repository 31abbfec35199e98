package dev.errand.it;

import dev.errand.it.RecordingUpstream.Answer;
import dev.errand.it.RecordingUpstream.Seen;
import dev.errand.json.Json;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server made from GitHub's document: it finds the operation of a request by the document, and keeps an account of them. Of the rest
 * it has the installation tokens: each is good for its repositories until it is revoked.
 */
final class StandInGitHub implements AutoCloseable {
    static final Path EXAMPLE = RunningGateway.repository().resolve("examples/github");
    static final String FIXED_TOKEN = "github_pat_of-this-test-alone";
    /** Its name for clients that have it as their proxy. */
    static final String HOST = "github.test";

    private static final Pattern REPOSITORY = Pattern.compile("/repos/([^/]+)/([^/]+)(/.*)?");

    /** An operation that was executed, and by which request. */
    record Executed(String operation, String request) {}

    private record Described(String method, String template, String id, Pattern path) {}

    private final RecordingUpstream server = new RecordingUpstream();
    private final List<Described> document = new ArrayList<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final Map<String, JsonObject> tokens = new ConcurrentHashMap<>();
    private final List<String> revoked = new CopyOnWriteArrayList<>();
    private final List<Executed> executed = new CopyOnWriteArrayList<>();

    StandInGitHub() {
        try {
            JsonObject paths = Json.parseObject(Files.readAllBytes(EXAMPLE.resolve("operations/github-openapi.json")))
                    .object("paths");
            paths.members()
                    .forEach((template, item) -> ((JsonObject) item)
                            .members()
                            .forEach((method, operation) ->
                                    document.add(described(method, template, (JsonObject) operation))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Json.MalformedJsonException e) {
            throw new AssertionError(e);
        }
        server.answer(this::answer);
    }

    private static Described described(String method, String template, JsonObject operation) {
        Set<String> several = new TreeSet<>();
        if (operation.get("parameters") instanceof JsonArray parameters) {
            for (JsonValue one : parameters.values()) {
                if (((JsonObject) one).get("x-multi-segment") != null) {
                    several.add(((JsonObject) one).string("name"));
                }
            }
        }
        StringBuilder pattern = new StringBuilder();
        Matcher variable = Pattern.compile("\\{([^}]+)}").matcher(template);
        int from = 0;
        while (variable.find()) {
            pattern.append(Pattern.quote(template.substring(from, variable.start())))
                    .append(several.contains(variable.group(1)) ? ".+" : "[^/]+");
            from = variable.end();
        }
        pattern.append(Pattern.quote(template.substring(from)));
        return new Described(
                method.toUpperCase(Locale.ROOT),
                template,
                operation.string("operationId"),
                Pattern.compile(pattern.toString()));
    }

    String uri() {
        return server.uri();
    }

    /** The live tokens, and what each was asked for. */
    Map<String, JsonObject> tokens() {
        return tokens;
    }

    List<String> revoked() {
        return revoked;
    }

    List<Executed> executed() {
        return executed;
    }

    private Answer answer(Seen request) {
        // A client that knows it as an Enterprise Server asks below another path, and one with a proxy by the whole
        // address.
        String path = request.target()
                .replaceFirst("\\?.*", "")
                .replaceFirst("^http://" + HOST, "")
                .replaceFirst("^/api/v3(?=/)", "");
        if (path.equals("/app/installations/678/access_tokens")) {
            return token(request);
        }
        String credential = String.valueOf(request.header("authorization")).replaceFirst("^Bearer ", "");
        JsonObject scope = tokens.get(credential);
        if (path.equals("/installation/token")) {
            revoked.add(credential);
            return tokens.remove(credential) == null ? refused(401) : Answer.of(204, "");
        } else if (scope == null && !credential.equals(FIXED_TOKEN)) {
            return refused(401);
        }
        Matcher repository = REPOSITORY.matcher(path.toLowerCase(Locale.ROOT));
        if (scope != null
                && repository.matches()
                && !((JsonArray) scope.get("repositories")).values().contains(new JsonString(repository.group(2)))) {
            return refused(404);
        }
        String operation =
                operation(request.method(), URLDecoder.decode(path.replace("+", "%2B"), StandardCharsets.UTF_8));
        if (operation == null) {
            return refused(404);
        }
        executed.add(new Executed(operation, request.method() + " " + request.target()));
        return answer(operation, path);
    }

    private static Answer refused(int status) {
        return Answer.of(status, "{\"message\":\"" + (status == 401 ? "Bad credentials" : "Not Found") + "\"}");
    }

    private Answer token(Seen request) {
        JsonObject asked;
        try {
            asked = Json.parseObject(request.body());
        } catch (Json.MalformedJsonException e) {
            return refused(400);
        }
        String token = "ghs_of-this-test-" + numbers.incrementAndGet();
        tokens.put(token, asked);
        return Answer.of(
                201,
                "{\"token\":\"" + token + "\",\"expires_at\":\"" + Instant.now().plusSeconds(3600)
                        + "\",\"repository_selection\":\"selected\",\"permissions\":"
                        + dev.errand.json.Jcs.canonical(asked.object("permissions")) + "}");
    }

    private String operation(String method, String path) {
        String asked = method.equals("HEAD") ? "GET" : method;
        Described best = null;
        for (Described one : document) {
            if (one.method().equals(asked)
                    && one.path().matcher(path).matches()
                    && (best == null || bits(one).compareTo(bits(best)) > 0)) {
                best = one;
            }
        }
        return best == null ? null : best.id();
    }

    /** 1 for each literal segment, from the left. */
    private static String bits(Described one) {
        StringBuilder bits = new StringBuilder();
        for (String segment : one.template().split("/")) {
            bits.append(segment.startsWith("{") ? '0' : '1');
        }
        return bits.toString();
    }

    private static Answer answer(String operation, String path) {
        String local = operation.substring(operation.indexOf('/') + 1);
        return switch (operation) {
            case "git/get-ref" ->
                Answer.of(200, "{\"ref\":\"refs/heads/main\",\"object\":{\"sha\":\"a1\",\"type\":\"commit\"}}");
            case "repos/get-branch" -> Answer.of(200, "{\"name\":\"main\",\"commit\":{\"sha\":\"a1\"}}");
            case "git/create-ref" ->
                Answer.of(201, "{\"ref\":\"refs/heads/fix-17\",\"object\":{\"sha\":\"a1\",\"type\":\"commit\"}}");
            case "issues/get" ->
                Answer.of(
                        200, "{\"number\":17,\"title\":\"It is broken\",\"state\":\"open\",\"url\":\"" + path + "\"}");
            case "pulls/create" -> Answer.of(201, "{\"number\":3,\"html_url\":\"https://github.com/acme/app/pull/3\"}");
            case "repos/create-or-update-file-contents", "workflows/create-or-update-file", "repos/delete-file" ->
                Answer.of(200, "{\"content\":{\"path\":\"a\"},\"commit\":{\"sha\":\"c1\"}}");
            case "actions/list-repo-workflows", "actions/list-workflow-runs-for-repo" ->
                Answer.of(200, "{\"total_count\":0,\"workflows\":[],\"workflow_runs\":[]}");
            // Libraries find the next request of an object by its address.
            default -> Answer.of(200, local.startsWith("list") ? "[]" : "{\"url\":\"" + path + "\"}");
        };
    }

    @Override
    public void close() {
        server.close();
    }
}

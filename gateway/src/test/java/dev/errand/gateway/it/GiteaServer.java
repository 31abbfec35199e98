package dev.errand.gateway.it;

import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gitea on SQLite with one user, whose token the gateway has, and one repository. Its access log tells user, method and
 * target of each request that it answered.
 */
final class GiteaServer implements AuditedServer {
    private static final String USER = "errand";
    private static final Pattern LINE = Pattern.compile("^(\\S+) \"(\\S+) (\\S+)\" (\\d+)$");

    private final Path directory;
    private final Path account;
    private final RealServer server;
    private final Path token;

    GiteaServer(Path directory) throws Exception {
        this.directory = directory;
        int port = RealServer.freePort();
        Path program = RealServer.program("gitea", "gitea/gitea");
        Path home = Files.createDirectories(directory.resolve("gitea"));
        account = home.resolve("log/access.log");
        Path ini = Files.writeString(home.resolve("app.ini"), """
                APP_NAME = test
                RUN_USER = %1$s
                RUN_MODE = prod
                WORK_PATH = %2$s
                [server]
                HTTP_ADDR = 127.0.0.1
                HTTP_PORT = %3$d
                ROOT_URL = http://127.0.0.1:%3$d/
                STATIC_ROOT_PATH = %4$s
                OFFLINE_MODE = true
                DISABLE_SSH = true
                [database]
                DB_TYPE = sqlite3
                PATH = %2$s/gitea.db
                [security]
                INSTALL_LOCK = true
                PASSWORD_HASH_ALGO = pbkdf2$1000
                [repository]
                ROOT = %2$s/repositories
                DEFAULT_BRANCH = main
                [actions]
                ENABLED = true
                [log]
                MODE = console
                LEVEL = warn
                logger.access.MODE = access
                ACCESS_LOG_TEMPLATE = {{if .Ctx.Doer}}{{.Ctx.Doer.Name}}{{else}}nobody{{end}} "{{.Ctx.Req.Method}} {{.Ctx.Req.URL.RequestURI}}" {{.ResponseWriter.Status}}
                [log.access]
                MODE = file
                FILE_NAME = %5$s
                FLAGS = none
                """.formatted(
                        System.getProperty("user.name"), home, port, program.resolveSibling("static"), account));
        Map<String, String> environment = Map.of(
                "GITEA_WORK_DIR",
                home.toString(),
                "HOME",
                home.toString(),
                "I_AM_BEING_UNSAFE_RUNNING_AS_ROOT",
                "true");
        admin(program, ini, environment, "migrate");
        admin(
                program,
                ini,
                environment,
                "admin",
                "user",
                "create",
                "--username=" + USER,
                "--password=of-this-test-1",
                "--email=errand@example.org",
                "--must-change-password=false",
                "--admin");
        String made = admin(
                        program,
                        ini,
                        environment,
                        "admin",
                        "user",
                        "generate-access-token",
                        "--username=" + USER,
                        "--scopes=all",
                        "--raw")
                .strip();
        token = Files.writeString(directory.resolve("gitea-token"), made.substring(made.lastIndexOf('\n') + 1));
        server = RealServer.start(
                directory,
                "gitea-server",
                port,
                "/api/v1/version",
                environment,
                program.toString(),
                "--config",
                ini.toString(),
                "web");
    }

    private static String admin(Path program, Path ini, Map<String, String> environment, String... words)
            throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString(), "--config", ini.toString()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        ServerProcess.Outcome outcome = ServerProcess.end(builder, "");
        if (outcome.exit() != 0) {
            throw new AssertionError("gitea " + words[0] + ": " + outcome.text());
        }
        return outcome.text();
    }

    /** A call past the gateway, as the gateway's own user. */
    java.net.http.HttpResponse<String> call(String method, String path, String body) throws IOException {
        return Direct.call(
                method,
                uri() + path,
                body,
                "Authorization",
                "token " + Files.readString(token),
                "Content-Type",
                "application/json");
    }

    /** The content of a file as Gitea wants it. */
    static String file(String text) {
        return new JsonObject(Map.of(
                        "content",
                        new dev.errand.json.JsonValue.JsonString(Base64.getEncoder()
                                .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)))))
                .toString();
    }

    @Override
    public String uri() {
        return server.uri();
    }

    @Override
    public int port() {
        return server.port();
    }

    @Override
    public Map<String, String> credential() {
        return Map.of("errand.upstreams.ci.bearer.file", "file:" + token);
    }

    @Override
    public String principal() {
        return USER;
    }

    @Override
    public List<Executed> executed() {
        try {
            List<Executed> executed = new ArrayList<>();
            if (Files.exists(account)) {
                for (String line : Files.readAllLines(account)) {
                    Matcher match = LINE.matcher(line);
                    if (match.matches()) {
                        String target = match.group(3);
                        int query = target.indexOf('?');
                        executed.add(new Executed(
                                match.group(1),
                                match.group(2),
                                query < 0 ? target : target.substring(0, query),
                                Files.getLastModifiedTime(account).toInstant()));
                    }
                }
            }
            return executed;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "Gitea in " + directory + " since " + Instant.now();
    }
}

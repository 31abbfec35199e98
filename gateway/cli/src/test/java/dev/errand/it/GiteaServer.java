package dev.errand.it;

import dev.errand.FreePort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Gitea on SQLite with one user. The gateway has a token of that user for repositories. Gitea's two logs tell what it
 * executed: the log of accesses has the user, the log of its router the function that handled the request.
 */
final class GiteaServer implements AuditedServer {
    static final String USER = "errand";

    private static final int SETTLE_MILLIS = 20_000;

    private final Path home;
    private final GiteaAccount account;
    private final RealServer server;
    private final String own;
    private final Path token;

    GiteaServer(Path directory) throws Exception {
        Path program = RealServer.program("gitea", "gitea/gitea");
        home = Files.createDirectories(directory.resolve("gitea"));
        Path log = home.resolve("account.log");
        account = new GiteaAccount(log);
        int port = FreePort.next();
        Path ini = Files.writeString(home.resolve("app.ini"), ini(port, program.resolveSibling("static"), log));
        List<String> command = List.of(program.toString(), "--config", ini.toString());
        Map<String, String> environment = Map.of("GITEA_WORK_DIR", home.toString(), "HOME", home.toString());
        end(command, environment, "migrate");
        String made = end(
                command,
                environment,
                "admin user create --admin --username=" + USER + " --random-password --email=errand@example.org"
                        + " --must-change-password=false --access-token --access-token-scopes=all");
        own = made.lines()
                .filter(line -> line.startsWith("Access token was successfully created... "))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow(() -> new AssertionError(made));
        String gateways = end(
                        command,
                        environment,
                        "admin user generate-access-token --raw --token-name=gateway --scopes=write:repository"
                                + " --username=" + USER)
                .strip();
        token = Files.writeString(directory.resolve("gitea-token"), gateways.substring(gateways.lastIndexOf('\n') + 1));
        server = RealServer.start(
                directory,
                "gitea-server",
                port,
                "/api/v1/version",
                environment,
                Stream.concat(command.stream(), Stream.of("web")).toArray(String[]::new));
    }

    private String ini(int port, Path assets, Path log) {
        return """
                APP_NAME = test
                RUN_USER = %1$s
                RUN_MODE = prod
                I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
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
                PASSWORD_HASH_ALGO = pbkdf2$1000$50
                [repository]
                ROOT = %2$s/repositories
                DEFAULT_BRANCH = main
                [actions]
                ENABLED = true
                [log]
                MODE = console
                LEVEL = warn
                logger.access.MODE = account
                logger.router.MODE = account
                ACCESS_LOG_TEMPLATE = %6$s
                [log.account]
                MODE = file
                LEVEL = info
                FILE_NAME = %5$s
                LOG_ROTATE = false
                FLAGS = none
                COLORIZE = false
                """.formatted(System.getProperty("user.name"), home, port, assets, log, GiteaAccount.ACCESS);
    }

    private static String end(List<String> command, Map<String, String> environment, String words) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(command.stream(), Arrays.stream(words.split(" "))).toList());
        builder.environment().putAll(environment);
        ServerProcess.Outcome outcome = ServerProcess.end(builder, "");
        if (outcome.exit() != 0) {
            throw new AssertionError("gitea " + words + ": " + outcome.text());
        }
        return outcome.text();
    }

    /** A call past the gateway, as the gateway's own user, by a token that may do everything. */
    HttpResponse<String> call(String method, String path, String body) {
        return Direct.call(
                method, uri() + path, body, "Authorization", "token " + own, "Content-Type", "application/json");
    }

    /** A new repository with this file in it. */
    void repository(String name, String path, String text) {
        call("POST", "/api/v1/user/repos", "{\"name\":\"" + name + "\",\"auto_init\":true,\"private\":true}");
        String content = Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        HttpResponse<String> made = call(
                "POST",
                "/api/v1/repos/" + USER + '/' + name + "/contents/" + path,
                "{\"content\":\"" + content + "\",\"message\":\"Add a file\"}");
        if (made.statusCode() != 201) {
            throw new AssertionError(made.statusCode() + ": " + made.body());
        }
    }

    /** The gateway's own token, which no agent may ever see. */
    String gatewaysToken() {
        try {
            return Files.readString(token);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
        return Map.of(
                "errand.upstreams.ci.bearer.file",
                "file:" + token,
                "errand.upstreams.git.bearer.file",
                "file:" + token);
    }

    @Override
    public String principal() {
        return USER;
    }

    /** The verb is the name of the function that handled the request, the resource the path as Gitea reads it. */
    @Override
    public List<Executed> executed() {
        return account.executed();
    }

    @Override
    public boolean settle() {
        int before = account.marks();
        call("GET", "/api/v1/settings/api", "");
        for (int waited = 0; account.marks() == before; waited++) {
            if (waited > SETTLE_MILLIS) {
                throw new AssertionError("the logs of Gitea do not come");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(1);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        return true;
    }

    /** Lines of the account that were not understood. */
    List<String> unread() {
        return new ArrayList<>(account.unread());
    }

    @Override
    public void close() {
        server.close();
    }

    @Override
    public String toString() {
        return "Gitea in " + home;
    }
}

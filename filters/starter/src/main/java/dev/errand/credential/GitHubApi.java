package dev.errand.credential;

import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;

/**
 * The requests about installation tokens to GitHub. An answer may take two seconds, and have 4 MiB: it describes each of the
 * token's repositories. Failures are {@link CredentialUnavailableException}s or those of the connection. Thread-safe, never blocking.
 */
final class GitHubApi {
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final int MAX_ANSWER_BYTES = 4 << 20;
    private static final int CREATED = 201;
    private static final int UNAUTHORIZED = 401;
    private static final String METADATA = "metadata";

    private final URI api;
    private final String installation;
    private final HttpClient http;

    GitHubApi(URI api, String installation, HttpClient http) {
        this.api = api;
        this.installation = installation;
        this.http = http.followRedirect(false)
                .responseTimeout(TIMEOUT)
                .headers(headers -> headers.set("Accept", "application/vnd.github+json")
                        .set("X-GitHub-Api-Version", "2022-11-28")
                        .set("User-Agent", "errand"));
    }

    /**
     * A token that GitHub gave.
     *
     * @param wider whether it may do more than was asked for
     */
    record Granted(Secret token, Instant expires, boolean wider) {}

    /**
     * Asks for a token.
     *
     * @param scope no repositories for all of the installation
     */
    Mono<Granted> token(Secret jwt, InstallationScope scope) {
        String path = "/app/installations/" + installation + "/access_tokens";
        return Mono.defer(() -> {
            PassingSecret secret = new PassingSecret(jwt.reveal("Bearer "), Jcs.canonical(asked(scope)));
            return http.headers(headers -> headers.set("Content-Type", "application/json"))
                    .doOnRequest((request, connection) -> secret.writeTo(request, "Authorization"))
                    .post()
                    .uri(address(path))
                    .send(Mono.fromSupplier(() -> Unpooled.wrappedBuffer(secret.body())))
                    .response((response, content) -> {
                        int status = response.status().code();
                        return HttpForm.read(content, MAX_ANSWER_BYTES).map(answer -> {
                            if (status != CREATED) {
                                throw new CredentialUnavailableException(
                                        this + " answered " + status + " to " + path + why(status));
                            }
                            return parse(answer, scope);
                        });
                    })
                    .single()
                    .doFinally(end -> secret.forget());
        });
    }

    private static String why(int status) {
        return switch (status) {
            case UNAUTHORIZED -> ": is the key that of the App, and the clock right?";
            case 404 -> ": does the App have this installation?";
            case 422 -> ": has the installation these repositories and permissions?";
            default -> "";
        };
    }

    private static JsonObject asked(InstallationScope scope) {
        Map<String, JsonValue> permissions = new LinkedHashMap<>();
        scope.permissions().forEach((name, level) -> permissions.put(name, new JsonString(level)));
        Map<String, JsonValue> members = new LinkedHashMap<>(Map.of("permissions", new JsonObject(permissions)));
        if (!scope.repositories().isEmpty()) {
            members.put(
                    "repositories",
                    new JsonArray(scope.repositories().stream()
                            .sorted()
                            .<JsonValue>map(JsonString::new)
                            .toList()));
        }
        return new JsonObject(members);
    }

    private Granted parse(byte[] answer, InstallationScope scope) {
        try {
            JsonObject json = Json.parseObject(answer);
            String token = json.string("token");
            String expires = json.string("expires_at");
            if (token != null && expires != null) {
                Secret secret = Secret.of(token.getBytes(StandardCharsets.UTF_8));
                if (secret.isHeaderValue()) {
                    return new Granted(secret, Instant.parse(expires), isWider(json, scope));
                }
            }
        } catch (MalformedJsonException | DateTimeParseException e) {
            // the same fault as an answer without a token
        }
        throw new CredentialUnavailableException(this + " answered without a token and its end");
    }

    /** Every token may read metadata. */
    private static boolean isWider(JsonObject json, InstallationScope scope) {
        JsonObject permissions = json.object("permissions");
        return permissions == null
                || (!scope.repositories().isEmpty() && hasOthers(json, scope.repositories()))
                || permissions.members().entrySet().stream()
                        .anyMatch(given -> !given.getKey().equals(METADATA)
                                && !new JsonString(scope.permissions().getOrDefault(given.getKey(), ""))
                                        .equals(given.getValue()));
    }

    /** Whether a token is for other repositories too: GitHub lists them, or says that not all of the installation are meant. */
    private static boolean hasOthers(JsonObject json, Set<String> repositories) {
        return json.get("repositories") instanceof JsonArray listed
                ? listed.values().stream()
                        .anyMatch(each -> !(each instanceof JsonObject repository)
                                || !repositories.contains(String.valueOf(repository.string("name"))
                                        .toLowerCase(Locale.ROOT)))
                : !"selected".equals(json.string("repository_selection"));
    }

    /** Revokes a token. Completes also if GitHub no longer knew it. */
    Mono<Void> revoke(Secret token) {
        String path = "/installation/token";
        return Mono.defer(() -> {
            PassingSecret secret = new PassingSecret(token.reveal("Bearer "), null);
            return http.doOnRequest((request, connection) -> secret.writeTo(request, "Authorization"))
                    .delete()
                    .uri(address(path))
                    .responseSingle((response, content) -> {
                        int status = response.status().code();
                        return status < 300 || status == UNAUTHORIZED
                                ? content.then()
                                : content.then(Mono.<Void>error(new CredentialUnavailableException(
                                        this + " answered " + status + " to " + path)));
                    })
                    .doFinally(end -> secret.forget());
        });
    }

    private String address(String path) {
        String base = api.toString();
        return (base.endsWith("/") ? base.substring(0, base.length() - 1) : base) + path;
    }

    /** GitHub's name in messages: its address, without a user or password. */
    @Override
    public String toString() {
        return HttpForm.shown("GitHub", api);
    }
}

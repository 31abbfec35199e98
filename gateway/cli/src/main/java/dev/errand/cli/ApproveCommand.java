package dev.errand.cli;

import dev.errand.issuer.approval.RequestText;
import dev.errand.json.Jcs;
import dev.errand.json.Json;
import dev.errand.json.Json.MalformedJsonException;
import dev.errand.json.JsonValue.JsonNull;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import dev.errand.json.Printable;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code errand approve}: a human decides on one request. */
@Command(
        name = "approve",
        description = {
            "Approves one call that waits for a human, so that it passes once, or refuses it. Without --digest it shows what",
            "the gateway says of the request, and asks. The token is one that the provider gave for approvals (errand login",
            "--resource)."
        },
        footer = {"", "Example:  errand approve a-8RfX... --gateway https://gateway.example.org --human @human.jwt"},
        mixinStandardHelpOptions = true)
final class ApproveCommand extends CliCommand {
    private static final Pattern COMPACT_JWT = Pattern.compile("[\\w-]+\\.[\\w-]+\\.[\\w-]*");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Parameters(paramLabel = "ID", description = "the request's id, or its address")
    private String id = "";

    @Option(
            names = "--gateway",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "the gateway")
    private String gateway = "";

    @Option(names = "--human", paramLabel = "@FILE", required = true, description = "the file of the human's JWT")
    private String human = "";

    @Option(
            names = "--digest",
            paramLabel = "D",
            description = "the digest of the request that was seen: decides without asking")
    private @Nullable String digest;

    @Option(
            names = "--offer",
            description = "approves all calls of the request's offer, not only this one; of no use with --digest")
    private boolean offer;

    @Option(names = "--refuse", description = "refuses the call")
    private boolean refuse;

    @Override
    public Integer call() {
        PrintWriter err = err();
        String file = human.startsWith("@") ? human.substring(1) : human;
        String token;
        try {
            token = Files.readString(Path.of(file)).strip();
        } catch (IOException | IllegalArgumentException e) {
            // A user may give the token itself instead of its file: the message must not show it.
            String what = COMPACT_JWT.matcher(file).matches()
                    ? "--human has the token itself: give the name of its file, as @FILE"
                    : file + " cannot be read (" + e.getClass().getSimpleName()
                            + "): let `errand login --resource URI --out FILE` write the human's JWT there";
            err.println(Printable.line(what));
            return 1;
        }
        try {
            String request = id.substring(id.lastIndexOf('/') + 1);
            URI url = URI.create(gateway.replaceAll("/+$", "") + "/approvals/" + request);
            return run(url, token);
        } catch (IOException e) {
            String why = e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
            err.println(Printable.line(
                    gateway + " cannot be reached" + why + ": write the address of a running gateway after --gateway"));
        } catch (IllegalArgumentException e) {
            err.println(Printable.line("--gateway and ID must make an address: " + e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    private int run(URI url, String token) throws IOException, InterruptedException {
        String seen = digest;
        String word = refuse ? "refuse" : "approve";
        // Not a field: each run of errand makes an object of every command, and making a client takes longer than most
        // commands.
        HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
        if (seen == null) {
            HttpResponse<String> shown = send(client, url, token, null);
            JsonObject request = shown.statusCode() == 200 ? object(shown.body()) : null;
            if (request == null || request.string("digest") == null) {
                return failed(shown);
            }
            seen = request.string(offer && !refuse ? "offer_digest" : "digest");
            if (seen == null) {
                err().println("the request has no offer for several calls: leave out --offer to approve this one call");
                return 1;
            }
            show(request);
            if (!agrees(word, request)) {
                out().println("nothing was decided");
                return 1;
            }
        }
        JsonObject decision = new JsonObject(Map.of("decision", new JsonString(word), "digest", new JsonString(seen)));
        HttpResponse<String> answer = send(client, url, token, Jcs.canonical(decision));
        if (answer.statusCode() != 200) {
            return failed(answer);
        }
        out().println(Printable.line(answer.body()));
        return 0;
    }

    private void show(JsonObject request) {
        PrintWriter out = out();
        RequestText.lines(request).forEach(line -> out.println(Printable.line(line)));
        out.flush();
    }

    private boolean agrees(String word, JsonObject request) throws IOException {
        PrintWriter out = out();
        JsonObject many = offer && !refuse ? request.object("offer") : null;
        String what = many == null
                ? "this call"
                : "up to " + Jcs.canonical(Objects.requireNonNullElse(many.get("calls"), JsonNull.NULL))
                        + " such calls";
        out.print(word + " " + what + "? [y/N] ");
        out.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String line = in.readLine();
        return line != null
                && (line.strip().equalsIgnoreCase("y") || line.strip().equalsIgnoreCase("yes"));
    }

    private int failed(HttpResponse<String> answer) {
        String challenge = answer.headers().firstValue("WWW-Authenticate").orElse("");
        err().println(Printable.line("the gateway answered " + answer.statusCode()
                + (challenge.isEmpty() ? "" : " (" + challenge + ")") + ": " + answer.body()));
        return 1;
    }

    private static HttpResponse<String> send(HttpClient client, URI url, String token, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(TIMEOUT).header("Authorization", "Bearer " + token);
        if (body == null) {
            request.GET();
        } else {
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static @Nullable JsonObject object(String body) {
        try {
            return Json.parseObject(body.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            return null;
        }
    }
}

package dev.errand.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonValue.JsonString;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** An operator of one replica, by a bearer. */
record OperatorClient(int port, String token) {
    static OperatorClient of(RunningGateway gateway) {
        return new OperatorClient(gateway.managementPort(), gateway.operatorToken());
    }

    OperatorClient as(String other) {
        return new OperatorClient(port, other);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(30))
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/json");
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return TestAgent.HTTP.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    HttpResponse<String> get(String path) {
        return send(request(path));
    }

    HttpResponse<String> post(String path, String body) {
        return send(request(path).POST(BodyPublishers.ofString(body)));
    }

    HttpResponse<String> delete(String path) {
        return send(request(path).DELETE());
    }

    JsonObject json(String path) {
        HttpResponse<String> answer = get(path);
        assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(200);
        return TestAgent.json(answer.body());
    }

    /** The objects of an array. */
    static List<JsonObject> objects(JsonObject answer, String member) {
        return ((JsonArray) answer.get(member))
                .values().stream().map(JsonObject.class::cast).toList();
    }

    /** The strings of an array. */
    static List<String> strings(JsonObject answer, String member) {
        return ((JsonArray) answer.get(member))
                .values().stream().map(value -> ((JsonString) value).value()).toList();
    }

    static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}

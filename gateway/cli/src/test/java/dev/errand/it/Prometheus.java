package dev.errand.it;

import dev.errand.FreePort;
import dev.errand.json.JsonValue;
import dev.errand.json.JsonValue.JsonArray;
import dev.errand.json.JsonValue.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A Prometheus that scrapes gateways every second, and knows the alerts of {@code deploy/observability}. */
final class Prometheus implements AutoCloseable {
    private final Path directory;
    private final RealServer server;
    private final Map<String, String> alerts = new LinkedHashMap<>();

    /** @param token the file with the operator's credential of every gateway that is scraped */
    Prometheus(Path directory, Path token) throws IOException {
        this.directory = Files.createDirectories(directory);
        targets(List.of());
        Files.writeString(directory.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}
                scrape_configs:
                  - job_name: errand
                    metrics_path: /actuator/prometheus
                    authorization: {credentials_file: "%s"}
                    file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
                  - job_name: errand-up
                    metrics_path: /actuator/health/up
                    file_sd_configs: [{files: [targets.json], refresh_interval: 1s}]
                """.formatted(token));
        int port = FreePort.next();
        server = RealServer.start(
                directory,
                "prometheus",
                port,
                "/-/ready",
                Map.of(),
                program("prometheus").toString(),
                "--config.file=" + directory.resolve("prometheus.yml"),
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port);
        read();
    }

    static Path program(String name) {
        return RealServer.program("prometheus", "prometheus/usr/bin/" + name);
    }

    static Path rules(String file) {
        return RunningGateway.repository().resolve("deploy/observability").resolve(file);
    }

    /** The expressions of the rules, as promtool's own server reads them. */
    private void read() throws IOException {
        Object document = new org.snakeyaml.engine.v2.api.Load(
                        org.snakeyaml.engine.v2.api.LoadSettings.builder().build())
                .loadFromString(Files.readString(rules("alerts.yaml")));
        for (Object group : (List<?>) ((Map<?, ?>) document).get("groups")) {
            for (Object rule : (List<?>) ((Map<?, ?>) group).get("rules")) {
                Map<?, ?> members = (Map<?, ?>) rule;
                alerts.put(String.valueOf(members.get("alert")), String.valueOf(members.get("expr")));
            }
        }
    }

    /** Whose metrics are scraped from now on. */
    void targets(List<Integer> ports) throws IOException {
        String list = ports.stream().map(port -> "\"127.0.0.1:" + port + "\"").collect(Collectors.joining(","));
        Path fresh = Files.writeString(
                directory.resolve("targets.new"), ports.isEmpty() ? "[]" : "[{\"targets\":[" + list + "]}]");
        Files.move(fresh, directory.resolve("targets.json"), StandardCopyOption.REPLACE_EXISTING);
    }

    Set<String> alerts() {
        return alerts.keySet();
    }

    /** The alerts whose expressions are true now. */
    Set<String> active() throws IOException, InterruptedException {
        Set<String> active = new TreeSet<>();
        for (Map.Entry<String, String> alert : alerts.entrySet()) {
            if (isTrue(alert.getValue())) {
                active.add(alert.getKey());
            }
        }
        return active;
    }

    boolean isTrue(String expression) throws IOException, InterruptedException {
        String query = server.uri() + "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8);
        JsonObject answer = Jws.object(TestAgent.HTTP
                .send(HttpRequest.newBuilder(URI.create(query)).build(), BodyHandlers.ofString())
                .body());
        JsonObject data = answer.object("data");
        JsonValue result = data == null ? null : data.get("result");
        if (!(result instanceof JsonArray found)) {
            throw new IOException("no result of " + expression + ": " + answer);
        }
        return !found.values().isEmpty();
    }

    @Override
    public void close() {
        server.close();
    }
}

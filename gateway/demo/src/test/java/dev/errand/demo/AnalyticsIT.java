package dev.errand.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.cli.Errand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SQL of docs/analytics.md, by DuckDB over the log that the demo leaves. */
class AnalyticsIT {
    private static final Path PAGE = Path.of("../../docs/analytics.md");
    private static final Pattern BLOCK = Pattern.compile("```sql( setup)?\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private static Path folder;

    private static final List<String> SETUP = new ArrayList<>();
    private static final List<String> QUESTIONS = new ArrayList<>();

    @BeforeAll
    static void read() throws IOException {
        PlayedDemo demo = PlayedDemo.once();
        Matcher blocks = BLOCK.matcher(Files.readString(PAGE));
        while (blocks.find()) {
            String sql = blocks.group(2)
                    .replace("'logs/", "'" + folder.resolve("logs") + "/")
                    .replace("'scopes.json'", "'" + folder.resolve("scopes.json") + "'");
            (blocks.group(1) == null ? QUESTIONS : SETUP).add(sql);
        }
        PlayedDemo.copy(demo.log(), folder.resolve("logs/one"));
        StringWriter scopes = new StringWriter();
        Errand.commandLine()
                .setOut(new PrintWriter(scopes))
                .execute(
                        "audit",
                        "scopes",
                        "--log",
                        folder.resolve("logs").toString(),
                        "--config",
                        demo.directory().toString(),
                        "--json");
        Files.writeString(folder.resolve("scopes.json"), scopes.toString());
    }

    @Test
    void everyQuestion_isAnsweredOverARealLog() throws SQLException {
        assertThat(SETUP).hasSize(2);
        assertThat(QUESTIONS).hasSize(10);
        try (Connection duck = DriverManager.getConnection("jdbc:duckdb:");
                Statement statement = duck.createStatement()) {
            for (String sql : SETUP) {
                statement.execute(sql);
            }
            List<Map<String, Object>> kinds =
                    rows(statement, "SELECT kind, count(*) AS n FROM records WHERE time IS NOT NULL GROUP BY kind");
            assertThat(kinds).extracting(row -> row.get("kind")).contains("decision", "outcome");
            Map<Integer, List<Map<String, Object>>> answers = new LinkedHashMap<>();
            for (int i = 0; i < QUESTIONS.size(); i++) {
                answers.put(i + 1, rows(statement, QUESTIONS.get(i)));
            }
            // Of the secret and the human of the page the demo has none: ask for those that it has.
            String resource = one(statement, "SELECT resources[1] FROM records WHERE operations[1] = 'vault:kv.read'");
            String human = one(statement, "SELECT human FROM records WHERE human IS NOT NULL");
            answers.put(1, rows(statement, QUESTIONS.get(0).replace("secret/ci/payments/db", resource)));
            answers.put(2, rows(statement, QUESTIONS.get(1).replace("https://idp.example.org user:7f3c", human)));
            for (int question : List.of(1, 2, 3, 4, 5, 6)) {
                assertThat(answers.get(question)).as("question %d", question).isNotEmpty();
            }
            assertAnswers(statement, answers);
        }
    }

    /** Held against what other ways of asking say. */
    private static void assertAnswers(Statement statement, Map<Integer, List<Map<String, Object>>> answers)
            throws SQLException {
        long denied = Long.parseLong(
                one(statement, "SELECT count(*) FROM records WHERE kind = 'decision' AND outcome = 'deny'"));
        assertThat(denied).isPositive();
        assertThat(sum(answers.get(3), "denials")).isEqualTo(denied);
        long tasks = Long.parseLong(one(
                statement,
                "SELECT count(DISTINCT task) FROM records WHERE kind = 'decision' AND human = (SELECT human FROM records"
                        + " WHERE human IS NOT NULL LIMIT 1)"));
        assertThat(answers.get(2)).hasSize((int) tasks);
        assertThat(answers.get(4)).anyMatch(row -> ((Number) row.get("calls")).longValue() > 0);
        assertThat(answers.get(4)).extracting(row -> row.get("operation")).contains("vault:kv.read");
        assertThat(answers.get(6)).allMatch(row -> ((Number) row.get("depth")).longValue() > 1);
        long ended = Long.parseLong(one(statement, "SELECT count(*) FROM records WHERE kind = 'ended'"));
        assertThat(answers.get(8)).hasSize((int) ended);
    }

    private static long sum(List<Map<String, Object>> rows, String column) {
        return rows.stream()
                .mapToLong(row -> ((Number) row.get(column)).longValue())
                .sum();
    }

    private static String one(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).as(sql).isTrue();
            return result.getString(1);
        }
    }

    private static List<Map<String, Object>> rows(Statement statement, String sql) throws SQLException {
        List<Map<String, Object>> rows = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                Map<String, Object> row = new LinkedHashMap<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
                }
                rows.add(row);
            }
        }
        return rows;
    }
}

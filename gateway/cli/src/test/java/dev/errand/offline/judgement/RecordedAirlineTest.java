package dev.errand.offline.judgement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code load-tests/judgement --tau}: what becomes of recorded runs, with a stand-in for {@code errand test}. */
class RecordedAirlineTest {
    private static final String RUN = """
            {"task_id": 1, "reward": %s, "info": {"task": {"user_id": "mia_li_1", "actions": [{"name": "cancel_reservation", "kwargs": {"reservation_id": "R1"}}]}},
             "traj": [
              {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "get_reservation_details", "arguments": "{\\"reservation_id\\": \\"R1\\"}"}}]},
              {"role": "tool", "tool_call_id": "a", "content": "{\\"cabin\\": \\"economy\\", \\"insurance\\": \\"no\\", \\"total_baggages\\": 1}"},
              {"role": "assistant", "tool_calls": [{"id": "b", "function": {"name": "cancel_reservation", "arguments": "{\\"reservation_id\\": \\"%s\\"}"}}]},
              {"role": "tool", "tool_call_id": "b", "content": "%s"},
              {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "think", "arguments": "{}"}}]},
              {"role": "tool", "tool_call_id": "c", "content": ""}]}""";

    @TempDir
    private Path directory;

    private String judge(String... runs) throws IOException, InterruptedException {
        Path recorded = Files.createDirectories(directory.resolve("historical_trajectories"));
        Files.writeString(recorded.resolve("x-airline.json"), "[" + String.join(",", runs) + "]");
        // Keeps the scenarios of the second policy, and objects to the second call of each second run.
        Path errand = directory.resolve("errand");
        Files.writeString(errand, """
                #!/bin/sh
                if grep -q '^rules:' "$2/tasks/desk.yaml"; then cp -r "$2" "$(dirname "$0")/"; fi
                for file in "$2"/tests/*; do
                  case $file in *1.yaml) echo "tests/run-0001.yaml:5:5: call 2, air:cancel: expected permit, was approval-required: why";; esac
                  echo "tests/$(basename "$file"): good, 2 calls"
                done
                """);
        assertThat(errand.toFile().setExecutable(true)).isTrue();
        ProcessBuilder builder = new ProcessBuilder(
                        Checkout.path("load-tests/judgement").toString(), "--tau", directory.toString())
                .redirectErrorStream(true);
        builder.environment().put("ERRAND", errand.toString());
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return out;
    }

    @Test
    void runs_becomeScenarios_andTheirWrongWritesAreCounted() throws IOException, InterruptedException {
        String out = judge(
                RUN.formatted("1.0", "R1", "{}"),
                RUN.formatted("0.0", "R2", "{}"),
                RUN.formatted("0.0", "R2", "Error: reservation not found"));
        assertThat(out.lines().map(line -> line.strip().replaceAll(" {2,}", " ")))
                .contains("x-airline: 3 runs", "fourteen conditions, ask 0/1 0/1 0 0 1 0/1");
        assertThat(directory.resolve("airline/tests/run-0000.yaml")).hasContent("""
                        template: desk
                        parameters: {"user": "mia_li_1"}
                        calls:
                          - {"call": "air:reservation.get", "arguments": {"reservation": "R1"}, "answers": {"status": 200, "body": {"cabin": "economy", "insurance": "no", "total_baggages": 1}}}
                          - {"call": "air:cancel", "arguments": {"reservation": "R1"}, "answers": {"status": 200, "body": {}}}
                        """);
        assertThat(directory.resolve("airline/tests/run-0002.yaml")).content().contains("\"answers\": 422");
    }

    @Test
    void directoryWithoutRuns_isSaid() throws IOException, InterruptedException {
        assertThat(judge()).isEqualToIgnoringWhitespace("x-airline: 0 runs");
        Files.delete(directory.resolve("historical_trajectories/x-airline.json"));
        assertThat(new String(
                        new ProcessBuilder(
                                        Checkout.path("load-tests/judgement").toString(), "--tau", directory.toString())
                                .redirectErrorStream(true)
                                .start()
                                .getInputStream()
                                .readAllBytes(),
                        StandardCharsets.UTF_8))
                .contains("give a checkout of tau-bench");
    }
}

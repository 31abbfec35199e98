package dev.errand.autoconfigure;

import dev.errand.config.ConfigurationException;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.EndedBy;
import dev.errand.log.ProvenanceRecord;
import dev.errand.log.read.LogReader;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.TaskStore;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.task.TaskKey;
import dev.errand.task.TaskOutcome;
import dev.errand.task.TaskState;
import dev.errand.task.TaskStep;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Keeps tasks ended if the store comes back with older records: endings are read from this replica's log at start, and
 * an ending that follows from older records is recorded.
 */
@Configuration(proxyBeanMethods = false)
class EndingsConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger(EndingsConfiguration.class);

    /** No task lives longer than a root token plus this margin for a late log. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    @Bean
    SmartInitializingSingleton errandEndings(
            ErrandProperties properties, TaskStore tasks, ProvenanceLog log, StateMetrics state) {
        return () -> {
            state.onRollback(task -> log.append(ending(task))
                    .subscribe(done -> {}, e -> LOG.warn("ending not recorded task={}: {}", task, e.getMessage())));
            if (tasks instanceof RedisTaskStore store) {
                Path directory = properties.file(properties.provenance().directory());
                remember(directory, properties.trust().maxLifetime().plus(MARGIN), store);
            }
        };
    }

    private static ProvenanceRecord ending(String task) {
        return new ProvenanceRecord.Ended(
                Instant.now(),
                task,
                null,
                null,
                TaskState.INTERRUPTED.wire(),
                EndedBy.ROLLBACK,
                null,
                null,
                "The state store lost what the task had done.");
    }

    /** Tells the store about ended tasks that could otherwise still run. No task lives longer than {@code longest}. */
    static void remember(Path directory, Duration longest, RedisTaskStore store) {
        Instant since = Instant.now().minus(longest);
        try {
            new LogReader(directory).endings(since, entry -> {
                remember(entry.json(), since, longest, store);
                return true;
            });
        } catch (IOException e) {
            throw ConfigurationException.of(
                    "errand.provenance.directory: " + directory + " cannot be read: " + e.getMessage());
        }
    }

    /** The reason that holders may see. An operator's reason is private. */
    private static @Nullable String told(JsonObject ending) {
        EndedBy by = EndedBy.of(ending);
        return by != null && by.isOperator() ? TaskStep.Interrupt.BY_OPERATOR : ending.string("why");
    }

    private static void remember(JsonObject ending, Instant since, Duration longest, RedisTaskStore store) {
        String task = ending.string("task");
        String time = ending.string("time");
        if (task == null || time == null || ending.string("token") != null) {
            return;
        }
        try {
            Instant at = Instant.parse(time);
            TaskState how = "completed".equals(ending.string("state")) ? TaskState.COMPLETED : TaskState.INTERRUPTED;
            if (at.isAfter(since)) {
                store.rememberEnded(
                        new TaskKey(task),
                        new TaskOutcome.Ended(how, told(ending)),
                        at.plus(longest).toEpochMilli());
            }
        } catch (DateTimeParseException | IllegalArgumentException notOne) {
            LOG.warn("an ending in the log names no task or time: {}", notOne.getMessage());
        }
    }
}

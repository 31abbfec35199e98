package dev.errand.autoconfigure;

import dev.errand.fleet.IndexWriter;
import dev.errand.fleet.LockedTasks;
import dev.errand.fleet.Locks;
import dev.errand.fleet.ReplicaTokens;
import dev.errand.fleet.Replicas;
import dev.errand.fleet.TaskActivities;
import dev.errand.jose.SigningKeys;
import dev.errand.log.write.FileProvenanceLog;
import dev.errand.log.write.ProvenanceLog;
import dev.errand.state.redis.IndexReader;
import dev.errand.state.redis.RecordTerms;
import dev.errand.state.redis.RedisTaskIndex;
import dev.errand.state.redis.RedisTaskStore;
import dev.errand.state.redis.SealedTable;
import dev.errand.state.redis.link.RedisLink;
import dev.errand.task.TaskState;
import dev.errand.token.SignatureVerifier;
import dev.errand.web.refusal.TaskMetrics;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** The beans through which every replica sees the whole fleet: the index of tasks, the locks, and the replicas. */
@Configuration(proxyBeanMethods = false)
@Import({IndexReader.class, IndexedStarts.class, ReplicaTokens.class, TaskActivities.class})
class FleetConfiguration {
    @Bean
    RedisTaskIndex errandTaskIndex(RedisLink link, RecordTerms terms) {
        return new RedisTaskIndex(link, terms.seal());
    }

    @Bean(destroyMethod = "close")
    IndexWriter errandIndexWriter(
            TaskActivities activities,
            RedisTaskStore tasks,
            RedisTaskIndex index,
            IndexReader reader,
            FileProvenanceLog log,
            MeterRegistry registry) {
        IndexWriter writer =
                new IndexWriter(activities, tasks, index, reader, log.instance().value());
        for (TaskState state : TaskState.values()) {
            Gauge.builder("errand.tasks", writer, each -> each.counts().of(state))
                    .description("Tasks of the whole fleet; those that are over leave within a minute")
                    .tag("state", state.wire())
                    .tag("scope", "fleet")
                    .register(registry);
        }
        writer.start();
        return writer;
    }

    @Bean(destroyMethod = "close")
    Locks errandLocks(RedisLink link, RecordTerms terms) {
        Locks locks = new Locks(new SealedTable(link, terms.seal(), "locks"));
        locks.start();
        return locks;
    }

    @Bean
    LockedTasks errandLockedTasks(
            Locks locks,
            RedisTaskStore tasks,
            IndexReader reader,
            RedisTaskIndex index,
            ProvenanceLog log,
            TaskMetrics metrics) {
        return new LockedTasks(locks, tasks, reader, index, log, metrics::ended);
    }

    @Bean(destroyMethod = "close")
    Replicas errandReplicas(
            RedisLink link, RecordTerms terms, SigningKeys keys, SignatureVerifier signatures, FileProvenanceLog log) {
        return new Replicas(
                new SealedTable(link, terms.seal(), "replicas"),
                keys,
                signatures,
                log.instance().value());
    }
}

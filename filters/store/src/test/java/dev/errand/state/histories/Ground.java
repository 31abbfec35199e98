package dev.errand.state.histories;

import dev.errand.state.redis.RedisCluster;
import dev.errand.state.redis.RedisProcess;
import dev.errand.state.redis.StoreLog;
import dev.errand.state.redis.TcpProxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** The store of a history, with the faults that it may have. Used by one thread. */
sealed interface Ground extends AutoCloseable {
    List<String> urls();

    /** Lets the store have a fault of its own, and mends it. */
    void fault(RandomGenerator random, List<String> tasks) throws Exception;

    /** Whether the store may forget what it acknowledged. */
    default boolean forgets() {
        return false;
    }

    /** One Redis, which is killed and started again, or stops for a while. */
    final class Single implements Ground {
        private final RedisProcess redis;

        Single(Path directory) throws Exception {
            this(new RedisProcess(directory.resolve("single")));
        }

        private Single(RedisProcess redis) {
            this.redis = redis;
        }

        /** One whose default user is off, so that it may skip transactions of its file when it starts. */
        static Single hardened(Path directory) throws Exception {
            return new Single(StoreLog.store(null, directory.resolve("hardened")));
        }

        @Override
        public List<String> urls() {
            return List.of(redis.url());
        }

        @Override
        public void fault(RandomGenerator random, List<String> tasks) throws Exception {
            if (random.nextBoolean()) {
                redis.kill();
                Thread.sleep(random.nextInt(400));
                redis.start();
            } else {
                redis.signal("STOP");
                Thread.sleep(random.nextInt(900));
                redis.signal("CONT");
            }
        }

        @Override
        public void close() throws Exception {
            redis.close();
        }
    }

    /** One Redis behind a slow link, which for some time is much slower. */
    final class Slow implements Ground {
        private static final Duration USUAL = Duration.ofMillis(15);

        private final RedisProcess redis;
        private final TcpProxy link;

        Slow(Path directory) throws Exception {
            redis = new RedisProcess(directory.resolve("slow"));
            link = new TcpProxy(redis.port());
            link.delay(USUAL);
        }

        @Override
        public List<String> urls() {
            return List.of(redis.url(link.port()));
        }

        @Override
        public void fault(RandomGenerator random, List<String> tasks) throws Exception {
            link.delay(Duration.ofMillis(50 + random.nextInt(400)));
            Thread.sleep(random.nextInt(900));
            link.delay(USUAL);
        }

        @Override
        public void close() throws Exception {
            link.close();
            redis.close();
        }
    }

    /** A Redis and its replica, which is promoted once and lacks what it was not sent. */
    final class Failover implements Ground {
        private final RedisProcess first;
        private final RedisProcess second;
        private final TcpProxy replication;
        private final TcpProxy network;

        Failover(Path directory) throws Exception {
            first = new RedisProcess(directory.resolve("first"));
            replication = new TcpProxy(first.port());
            second = new RedisProcess(directory.resolve("second"), "replicaof 127.0.0.1 " + replication.port());
            RedisProcess.until(
                    "the replica follows",
                    () -> second.info("replication", "master_link_status").equals("up"));
            network = new TcpProxy(first.port());
        }

        @Override
        public List<String> urls() {
            return List.of("redis://127.0.0.1:" + network.port());
        }

        @Override
        public boolean forgets() {
            return true;
        }

        /** From now on the replica lags. */
        void lag() {
            replication.cut();
        }

        @Override
        public void fault(RandomGenerator random, List<String> tasks) throws Exception {
            first.kill();
            second.command("REPLICAOF", "NO", "ONE");
            network.leadTo(second.port());
            network.disconnect();
        }

        @Override
        public void close() throws Exception {
            network.close();
            replication.close();
            second.close();
            first.close();
        }
    }

    /** A cluster of three masters, between which the slots of tasks move while they are called. */
    final class Cluster implements Ground {
        private final RedisCluster cluster;

        Cluster(Path directory) throws Exception {
            cluster = new RedisCluster(directory.resolve("cluster"));
        }

        @Override
        public List<String> urls() {
            return cluster.urls();
        }

        @Override
        public void fault(RandomGenerator random, List<String> tasks) throws Exception {
            int slot = cluster.slot(tasks.get(random.nextInt(tasks.size())));
            RedisProcess from = cluster.owner(slot);
            List<RedisProcess> others =
                    cluster.nodes().stream().filter(node -> node != from).toList();
            RedisProcess to = others.get(random.nextInt(others.size()));
            cluster.beginMove(slot, from, to);
            Thread.sleep(random.nextInt(60));
            cluster.moveKeys(slot, from, to);
            cluster.moveKeys(slot, from, to);
            // What a step wrote at the new node meanwhile stays there.
            cluster.moveKeys(slot, from, to);
            cluster.endMove(slot, from, to);
        }

        @Override
        public void close() throws Exception {
            cluster.close();
        }
    }
}

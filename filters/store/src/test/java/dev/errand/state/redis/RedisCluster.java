package dev.errand.state.redis;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A real Redis Cluster of three masters. For one thread. */
public final class RedisCluster implements AutoCloseable {
    private static final int SLOTS = 16_384;
    private final List<RedisProcess> nodes = new ArrayList<>();

    public RedisCluster(Path directory) throws Exception {
        for (int i = 0; i < 3; i++) {
            nodes.add(new RedisProcess(
                    directory.resolve("node-" + i),
                    "cluster-enabled yes",
                    "cluster-node-timeout 2000",
                    "cluster-require-full-coverage no"));
        }
        for (int i = 0; i < 3; i++) {
            List<String> add = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
            for (int slot = SLOTS * i / 3; slot < SLOTS * (i + 1) / 3; slot++) {
                add.add("" + slot);
            }
            nodes.get(i).command(add.toArray(String[]::new));
            nodes.get(i).command("CLUSTER", "SET-CONFIG-EPOCH", "" + (i + 1));
        }
        for (RedisProcess node : nodes.subList(1, 3)) {
            node.command("CLUSTER", "MEET", "127.0.0.1", "" + nodes.get(0).port());
        }
        for (RedisProcess node : nodes) {
            RedisProcess.until("the cluster is whole", () -> {
                String info = node.command("CLUSTER", "INFO");
                return info.contains("cluster_state:ok") && info.contains("cluster_size:3");
            });
        }
    }

    public List<RedisProcess> nodes() {
        return List.copyOf(nodes);
    }

    /** As {@code errand.state.redis} has it. */
    public List<String> urls() {
        return nodes.stream().map(RedisProcess::url).toList();
    }

    /** The slot of all keys of a task. */
    public int slot(String task) throws IOException {
        return Integer.parseInt(nodes.get(0).command("CLUSTER", "KEYSLOT", "{" + task + "}"));
    }

    /** The node that owns a slot; the slots lie where they were at the start, or where they were moved. */
    public RedisProcess owner(int slot) throws IOException {
        for (RedisProcess node : nodes) {
            for (String line : node.command("CLUSTER", "NODES").split("\n")) {
                if (line.contains("myself") && owns(line, slot)) {
                    return node;
                }
            }
        }
        throw new IOException("nobody owns slot " + slot);
    }

    private static boolean owns(String line, int slot) {
        String[] words = line.strip().split(" ");
        for (int i = 8; i < words.length; i++) {
            String[] range = words[i].split("-");
            if (!words[i].startsWith("[")
                    && Integer.parseInt(range[0]) <= slot
                    && slot <= Integer.parseInt(range[range.length - 1])) {
                return true;
            }
        }
        return false;
    }

    /** Begins to move a slot: from now on its keys are at either node, and asking for one may be answered by ASK. */
    public void beginMove(int slot, RedisProcess from, RedisProcess to) throws IOException {
        to.command("CLUSTER", "SETSLOT", "" + slot, "IMPORTING", id(from));
        from.command("CLUSTER", "SETSLOT", "" + slot, "MIGRATING", id(to));
    }

    /** Moves the keys that the slot has now. */
    public void moveKeys(int slot, RedisProcess from, RedisProcess to) throws IOException {
        String keys = from.command("CLUSTER", "GETKEYSINSLOT", "" + slot, "1000");
        for (String key : keys.split("\n")) {
            if (!key.isEmpty()) {
                from.command("MIGRATE", "127.0.0.1", "" + to.port(), key, "0", "5000");
            }
        }
    }

    /** Ends the move: asking the old node is answered by MOVED. */
    public void endMove(int slot, RedisProcess from, RedisProcess to) throws IOException {
        to.command("CLUSTER", "SETSLOT", "" + slot, "NODE", id(to));
        from.command("CLUSTER", "SETSLOT", "" + slot, "NODE", id(to));
    }

    private static String id(RedisProcess node) throws IOException {
        return node.command("CLUSTER", "MYID");
    }

    @Override
    public void close() throws Exception {
        for (RedisProcess node : nodes) {
            node.close();
        }
    }
}

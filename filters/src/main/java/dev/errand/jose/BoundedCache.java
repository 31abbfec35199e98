package dev.errand.jose;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A cache of at most about twice {@code generation} entries: when the young generation is full it becomes the old one,
 * and the old one is forgotten; a hit in the old one moves the entry up. Thread-safe, without locks on a hit.
 */
public final class BoundedCache<K, V> {
    private final int generation;
    private volatile Map<K, V> young = new ConcurrentHashMap<>();
    private volatile Map<K, V> old = Map.of();

    /** @param generation entries before the older ones are forgotten, at least 1 */
    public BoundedCache(int generation) {
        if (generation < 1) {
            throw new IllegalArgumentException("generation must be at least 1, was " + generation);
        }
        this.generation = generation;
    }

    /** The value, or null. */
    public @Nullable V get(K key) {
        V value = young.get(key);
        if (value != null) {
            return value;
        }
        value = old.get(key);
        if (value != null) {
            put(key, value);
        }
        return value;
    }

    /** Remembers the value for now. */
    public void put(K key, V value) {
        if (young.size() >= generation) {
            synchronized (this) {
                if (young.size() >= generation) {
                    old = young;
                    young = new ConcurrentHashMap<>();
                }
            }
        }
        young.put(key, value);
    }

    int size() {
        return young.size() + old.size();
    }
}

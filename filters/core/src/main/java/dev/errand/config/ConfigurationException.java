package dev.errand.config;

import java.util.List;

/** A configuration that cannot be loaded. It carries every fault that was found; its stack trace is of no use. */
public final class ConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> lines;

    /** Faults with their positions. */
    public ConfigurationException(List<Fault> faults) {
        this(faults.stream().map(Fault::toString).toList(), true);
    }

    private ConfigurationException(List<String> lines, boolean positioned) {
        super(String.join("\n", lines), null, false, false);
        this.lines = List.copyOf(lines);
    }

    /** A fault without a place in a file: what is wrong, and what to do. */
    public static ConfigurationException of(String line) {
        return new ConfigurationException(List.of(line), false);
    }

    /** One line per fault. */
    public List<String> lines() {
        return lines;
    }
}

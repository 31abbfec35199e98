package dev.errand.config;

import java.util.List;

/** A configuration that cannot be loaded. Carries every fault that was found, and no stack trace worth reading. */
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

    /** One fault that lies in no line of a file: what, where, and what to do. */
    public static ConfigurationException of(String line) {
        return new ConfigurationException(List.of(line), false);
    }

    /** One line per fault. */
    public List<String> lines() {
        return lines;
    }
}

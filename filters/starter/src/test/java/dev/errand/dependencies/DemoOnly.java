package dev.errand.dependencies;

import java.util.List;

/** What only the demo, the embedded store and the tests need: neither the filters nor the gateway may bring it. */
public final class DemoOnly {
    /** Parts of the names of files. */
    private static final List<String> NAMES = List.of(
            "wiremock",
            "embedded-redis",
            "jedis",
            "commons-pool2",
            "json-20",
            "gson",
            "kotlin",
            "native-quic",
            "osx",
            "windows");

    private DemoOnly() {}

    /** Those of the files that it names. */
    public static List<String> in(List<String> files) {
        return files.stream()
                .filter(file -> NAMES.stream().anyMatch(file::contains))
                .toList();
    }
}

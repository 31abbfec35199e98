package dev.errand.offline.export;

import dev.errand.json.JsonValue.JsonObject;
import dev.errand.log.read.LogReader;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Turns the decisions of one log into events of OCSF's class API Activity, in one pass. The event of a permitted call waits for the
 * record of its outcome, so events come in the order in which calls ended. At most {@value #MOST_WAITING} wait; beyond that, and
 * at the end of the log, the oldest go out without an outcome. Used once, by one thread.
 */
public final class OcsfExport {
    private static final int MOST_WAITING = 16_384;

    private final Consumer<JsonObject> events;
    private final Map<String, LogReader.Entry> waiting = new LinkedHashMap<>();

    private OcsfExport(Consumer<JsonObject> events) {
        this.events = events;
    }

    /** Reads a log, and passes on an event for each decision in it. Blocks on the disk. */
    public static void run(LogReader log, Consumer<JsonObject> events) throws IOException {
        OcsfExport export = new OcsfExport(events);
        log.all(entry -> {
            export.take(entry);
            return true;
        });
        export.waiting.values().forEach(open -> events.accept(ApiActivity.of(open, null)));
    }

    private void take(LogReader.Entry entry) {
        String kind = entry.json().string("kind");
        String decision = entry.json().string("decision");
        if ("decision".equals(kind)
                && decision != null
                && "permit".equals(entry.json().string("outcome"))) {
            waiting.put(decision, entry);
            if (waiting.size() > MOST_WAITING) {
                Iterator<LogReader.Entry> oldest = waiting.values().iterator();
                events.accept(ApiActivity.of(oldest.next(), null));
                oldest.remove();
            }
        } else if ("decision".equals(kind)) {
            events.accept(ApiActivity.of(entry, null));
        } else if ("outcome".equals(kind) && decision != null) {
            LogReader.Entry open = waiting.remove(decision);
            if (open != null) {
                events.accept(ApiActivity.of(open, entry.json()));
            }
        }
    }
}

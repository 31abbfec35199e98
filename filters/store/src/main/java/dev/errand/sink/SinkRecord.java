package dev.errand.sink;

import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.json.JsonWriter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One record of the log, to be delivered to a sink. Its {@link #id} is the same at each delivery, so a consumer that
 * drops records whose ({@code source}, {@code id}) it has seen gets every record once.
 *
 * @param source the log that the record is from, a URI
 * @param index its index in that log, from 0
 * @param line the exact line without its newline
 * @param json the line, parsed
 */
record SinkRecord(String source, long index, byte[] line, JsonObject json) {
    /** The media type of {@link #cloudEvent}. */
    public static final String CLOUD_EVENT = "application/cloudevents+json; charset=UTF-8";

    private static final String TYPE = "dev.errand.provenance.";

    /** @throws SinkUnavailableException if the line is not JSON: the log was changed */
    static SinkRecord of(String source, long index, byte[] line) throws SinkUnavailableException {
        try {
            return new SinkRecord(source, index, line, Json.parseObject(line));
        } catch (Json.MalformedJsonException e) {
            throw new SinkUnavailableException("record " + index + " is not JSON; see verify-log");
        }
    }

    /** The kind of the record, such as {@code decision}. */
    public String kind() {
        return String.valueOf(json.string("kind"));
    }

    /**
     * An id that is unique within the source. It differs for the decision and the outcome of one call; other kinds use
     * the index.
     */
    public String id() {
        String decision = decision();
        return decision == null ? String.format(Locale.ROOT, "%016d", index) : decision + "." + kind();
    }

    /** The decision id, which all records of one call share; null for a record that belongs to no call. */
    public @Nullable String decision() {
        String kind = kind();
        return kind.equals("decision") || kind.equals("outcome") ? json.string("decision") : null;
    }

    /**
     * The record in a CloudEvents 1.0 envelope, structured JSON (CloudEvents JSON format section 3). {@code data} is
     * the last member and is the line itself, byte for byte.
     */
    public byte[] cloudEvent() {
        JsonWriter event = new JsonWriter()
                .object()
                .member("specversion", "1.0")
                .member("id", id())
                .member("source", source)
                .member("type", TYPE + kind());
        optional(event, "time", json.string("time"));
        optional(event, "subject", json.string("task"));
        optional(event, "partitionkey", decision());
        event.member("sequence", String.format(Locale.ROOT, "%016d", index))
                .member("datacontenttype", "application/json")
                .name("data")
                .append(line);
        return event.end().toBytes();
    }

    private static void optional(JsonWriter event, String name, @Nullable String value) {
        if (value != null) {
            event.member(name, value);
        }
    }
}

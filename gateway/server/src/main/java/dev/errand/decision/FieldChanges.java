package dev.errand.decision;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The changes that make one list of fields from another, for those fields that are not the other gateway's own. */
final class FieldChanges {
    /** What frames and names the message on each connection: the other gateway's. */
    private static final Set<String> FRAMING = Set.of(
            "host", "connection", "keep-alive", "proxy-connection", "transfer-encoding", "content-length", "upgrade");

    /** Besides, what each server says of its own answers. */
    private static final Set<String> SERVERS = Set.of("date", "server");

    private final Map<String, List<String>> set = new LinkedHashMap<>();
    private final List<String> removed = new ArrayList<>();

    private FieldChanges() {}

    /** The changes of a request. */
    static FieldChanges ofRequest(HttpHeaders given, HttpHeaders sent) {
        FieldChanges changes = new FieldChanges();
        changes.add(byName(given), byName(sent), false);
        return changes;
    }

    /** The changes of an answer. */
    static FieldChanges ofAnswer(HttpHeaders given, org.springframework.http.HttpHeaders passed) {
        FieldChanges changes = new FieldChanges();
        changes.add(byName(given), byName(passed), true);
        return changes;
    }

    /** The fields of an answer that Errand gives itself. */
    static FieldChanges ofOwn(org.springframework.http.HttpHeaders own) {
        FieldChanges changes = new FieldChanges();
        changes.add(Map.of(), byName(own), true);
        return changes;
    }

    private static Map<String, List<String>> byName(HttpHeaders fields) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        fields.iteratorAsString()
                .forEachRemaining(field -> all.computeIfAbsent(
                                field.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
                        .add(field.getValue()));
        return all;
    }

    private static Map<String, List<String>> byName(org.springframework.http.HttpHeaders fields) {
        Map<String, List<String>> all = new LinkedHashMap<>();
        fields.forEach((name, values) -> all.computeIfAbsent(name.toLowerCase(Locale.ROOT), n -> new ArrayList<>(1))
                .addAll(values));
        return all;
    }

    private void add(Map<String, List<String>> before, Map<String, List<String>> after, boolean answer) {
        before.keySet().forEach(name -> {
            if (!after.containsKey(name) && !isGateways(name, answer)) {
                removed.add(name);
            }
        });
        after.forEach((name, values) -> {
            if (!values.equals(before.get(name)) && !isGateways(name, answer)) {
                set.put(name, values);
            }
        });
    }

    private static boolean isGateways(String name, boolean answer) {
        return FRAMING.contains(name) || (answer ? SERVERS.contains(name) : RequestHead.isGateways(name));
    }

    /** Sets one more field. */
    FieldChanges with(String name, String value) {
        set.put(name, List.of(value));
        return this;
    }

    /** Removes one more field. */
    FieldChanges without(String name) {
        removed.add(name);
        return this;
    }

    /** The fields that are set. */
    Map<String, List<String>> set() {
        return set;
    }

    /** The names of the fields that are removed. */
    List<String> removed() {
        return removed;
    }

    HeaderMutation mutation() {
        HeaderMutation.Builder mutation = HeaderMutation.newBuilder().addAllRemoveHeaders(removed);
        options(mutation::addSetHeaders, HeaderValue.Builder::setRawValue);
        return mutation.build();
    }

    /** Gives each value that is set as text, for those who read no bytes; an error for one that is no UTF-8. */
    void texts(Consumer<HeaderValueOption> to) {
        options(to, (header, value) -> {
            if (!value.isValidUtf8()) {
                throw new IllegalArgumentException("a field's value is no UTF-8");
            }
            header.setValue(value.toStringUtf8());
        });
    }

    /** Gives each value that is set: the first of a name takes the place of what is there. */
    private void options(Consumer<HeaderValueOption> to, BiConsumer<HeaderValue.Builder, ByteString> written) {
        set.forEach((name, values) -> {
            for (int i = 0; i < values.size(); i++) {
                HeaderValue.Builder header = HeaderValue.newBuilder().setKey(name);
                written.accept(header, ByteString.copyFrom(values.get(i), StandardCharsets.ISO_8859_1));
                to.accept(HeaderValueOption.newBuilder()
                        .setHeader(header)
                        .setAppendAction(
                                i == 0
                                        ? HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD
                                        : HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)
                        .build());
            }
        });
    }
}

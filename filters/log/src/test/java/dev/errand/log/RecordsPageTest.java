package dev.errand.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.errand.Checkout;
import dev.errand.denial.StartReason;
import dev.errand.json.Json;
import dev.errand.json.JsonValue.JsonObject;
import dev.errand.token.Human;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of {@code docs/records.md}: each kind with all of its members, so that whoever reads logs can rely on it. */
class RecordsPageTest {
    private static final Path PAGE = Checkout.path("docs/records.md");
    private static final ProvenanceRecord.Approved APPROVED =
            new ProvenanceRecord.Approved("a-1", List.of(), "sha-256:d", null);

    static Stream<ProvenanceRecord> everyKind() {
        return Stream.of(
                Records.permit("d-1", "t-1"),
                Records.outcome("d-1"),
                Records.ending("t-1", "d-1"),
                new ProvenanceRecord.Start(Records.TIME, null, StartReason.KID, StartFacts.NONE, "g-1"),
                new ProvenanceRecord.Standing(
                        Records.TIME,
                        "se-1",
                        "run",
                        2,
                        null,
                        "t-1",
                        "nightly",
                        new Human("i", "s"),
                        "spiffe://a.example/b",
                        null,
                        "g-1"),
                new ProvenanceRecord.Operator(Records.TIME, EndedBy.operator("alice", null), "interrupt", "t-1", null),
                new ProvenanceRecord.Refused(Records.TIME, "vault", "invalid-token", 17),
                new ProvenanceRecord.Event(Records.TIME, "e", "e-1", "t-1", null, "soc", "sent", 200, null, 1),
                new ProvenanceRecord.Credential(Records.TIME, "t-1", "vault", "minted", "sha-256:h"),
                new ProvenanceRecord.Approval(
                        Records.TIME,
                        "requested",
                        APPROVED,
                        null,
                        "t-1",
                        null,
                        null,
                        null,
                        List.of("vault:kv.read"),
                        List.of("a"),
                        null,
                        "why",
                        null,
                        "g-1"));
    }

    @ParameterizedTest
    @MethodSource("everyKind")
    void everyMemberOfAKind_isOnThePage(ProvenanceRecord record) throws Exception {
        JsonObject json = Json.parseObject(RecordJson.line(record));
        List<String> members = new ArrayList<>(json.members().keySet());
        members.remove("kind");
        Matcher row = Pattern.compile("(?m)^\\| `" + json.string("kind") + "` \\|.*\\| `([a-z_, ]+)`")
                .matcher(Files.readString(PAGE));
        assertThat(row.find()).as("a row of kind " + json.string("kind")).isTrue();
        assertThat(Set.copyOf(Arrays.asList(row.group(1).split(", ")))).isEqualTo(Set.copyOf(members));
    }
}

package dev.errand.operation;

import static dev.errand.config.Keys.optional;
import static dev.errand.config.Keys.required;
import static dev.errand.config.Shape.either;
import static dev.errand.config.Shape.list;
import static dev.errand.config.Shape.some;
import static dev.errand.config.Shape.strings;
import static dev.errand.config.Shape.text;
import static dev.errand.config.Shape.words;

import dev.errand.config.Keys;
import dev.errand.config.Keys.Key;
import dev.errand.config.Shape;
import dev.errand.operation.Normalisation.EncodedSlash;
import dev.errand.operation.Normalisation.TrailingSlash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The keys that catalogue files of all resolvers have in common. */
public final class CatalogueKeys {
    static final Map<String, EncodedSlash> ENCODED_SLASH = Choice.words(EncodedSlash.values());
    static final Map<String, TrailingSlash> TRAILING_SLASH = Choice.words(TrailingSlash.values());
    static final Map<String, EmptySegments> EMPTY_SEGMENTS = Choice.words(EmptySegments.values());
    static final Map<String, Boolean> RESOURCE_CASE = Map.of("distinct", false, "fold", true);
    static final Map<String, Boolean> QUERY = Map.of("closed", false, "open", true);

    static final Map<String, Unlisted> UNLISTED =
            Map.of("remove", Unlisted.REMOVE, "refuse", Unlisted.REFUSE, "pass", Unlisted.PASS);
    static final Map<String, RefusalStyle> REFUSALS = Choice.words(RefusalStyle.values());

    static final Keys NORMALISE = Keys.of(
            "normalise",
            optional("encoded-slash", words(ENCODED_SLASH.keySet()), "How %2F in a path is read; reject if left out."),
            optional(
                    "trailing-slash",
                    words(TRAILING_SLASH.keySet()),
                    "Whether a slash at the end of a path makes another path; distinct if left out."),
            optional(
                    "empty-segments",
                    words(EMPTY_SEGMENTS.keySet()),
                    "How // in a path is read; if left out reject, and for s3 literal. fold: the server takes it for one slash."),
            optional(
                    "resource-case",
                    words(RESOURCE_CASE.keySet()),
                    "Whether another letter case is another resource to the server; distinct if left out."),
            optional(
                    "query",
                    words(QUERY.keySet()),
                    "Whether undeclared query keys may pass; if left out closed, and for kubernetes open."));
    static final Keys HEADERS = Keys.of(
            "headers",
            optional(
                    "pass",
                    strings(),
                    "Further headers that pass. A `*` may end a prefix of at least 4 characters, which passes no header that"
                            + " the gateway itself removes or refuses: write the whole name of such a header."),
            optional("refuse", strings(), "Headers that make a request malformed; `*` may end a name: X-Vault-*."),
            optional(
                    "unlisted",
                    words(UNLISTED.keySet()),
                    "What happens to headers that no list has. If left out, they are removed where the operation reads or"
                            + " lists, and refused elsewhere."),
            optional(
                    "not-approved",
                    strings(),
                    "Headers that may differ between the call that a human approved and its repetition; `*` may end a name."));
    static final Keys YIELDS = Keys.of(
            "yields", optional("untrusted", strings(), "Ids of operations whose answers have content from outside."));
    private static final Shape ARGUMENTS = either(text(), some(text()));

    static final Keys NEEDS = Keys.of(
            "needs",
            optional(
                    "trusted",
                    either(
                            text(),
                            list(either(text(), Keys.of("trusted-arguments").others(ARGUMENTS)))),
                    "Ids of operations that only a trusted task may call. With arguments, {ID: [args]}, another task may"
                            + " call the operation if the human or the template fixed these arguments."));
    static final Keys RECORD = Keys.of("record").others(ARGUMENTS);
    /** The only value of {@code show}. */
    public static final Map<String, Boolean> SHOW = Map.of("body", true);

    static final Keys SHOWN = Keys.of("show").others(words(SHOW.keySet()));

    /** How {@code //} in a path is read. */
    enum EmptySegments {
        REJECT,
        LITERAL,
        FOLD;

        static EmptySegments of(Normalisation settings) {
            return settings.folding().emptySegments() ? FOLD : settings.emptySegments() ? LITERAL : REJECT;
        }
    }

    private CatalogueKeys() {}

    /** All keys of a catalogue with this resolver: the common ones and its own. */
    public static Keys of(String resolver, Key... own) {
        List<Key> all = new ArrayList<>();
        all.add(required("catalogue", text(), "The catalogue's name. Templates name its operations by name:id."));
        all.add(required("resolver", words(resolver), "The resolver that names its operations."));
        all.addAll(Arrays.asList(own));
        all.add(optional("normalise", NORMALISE, "How spellings of a path and a query are read."));
        all.add(optional(
                "headers",
                HEADERS,
                "Which headers of a request pass or are refused, in addition to the common lists."));
        all.add(optional(
                "credential-paths",
                strings(),
                "Beginnings of paths below base-path, each ending in /. Answers below them are searched for the credential"
                        + " that the gateway sent."));
        all.add(optional(
                "refusals",
                words(REFUSALS.keySet()),
                "The form of refusals; if left out the resolver's own, and for template a problem."));
        all.add(optional(
                "effects",
                Keys.of("effects").others(words(Choice.EFFECTS.keySet())),
                "Effects by id of operations: where the resolver knows none, or another one is meant."));
        all.add(optional("yields", YIELDS, "Which operations bring content from outside into a task."));
        all.add(optional("needs", NEEDS, "Which operations demand a trusted task."));
        all.add(optional(
                "returns",
                Keys.of("returns-of").others(Returns.KEYS),
                "By operation id: the values of answers that rules look at."));
        all.add(optional(
                "record", RECORD, "By operation id: the arguments whose values go into the record of decisions."));
        all.add(optional(
                "show",
                either(words(SHOW.keySet()), SHOWN),
                "body: humans who are asked about a call may read its body, of every operation or by operation id."));
        return Keys.of(resolver + "-catalogue", all.toArray(Key[]::new));
    }
}

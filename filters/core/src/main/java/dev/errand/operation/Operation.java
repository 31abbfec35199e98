package dev.errand.operation;

import dev.errand.json.FoldedNames;
import dev.errand.json.JsonValue.JsonObject;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A named operation of an upstream.
 *
 * @param id catalogue and operation, such as {@code vault:kv.read}
 * @param effect its effect
 * @param yieldsUntrusted whether its answer has content from outside
 * @param needsTrusted whether an untrusted task may call it only with certain arguments fixed
 * @param trustedArguments the arguments that must be fixed then; if empty, an untrusted task may not call it at all
 * @param recordedArguments the arguments whose values go into the record
 * @param values where the values of its calls and answers are
 * @param named the names of both kinds of arguments, to find others that look like them
 * @param isProtocol whether clients send it by themselves, as a message of their protocol
 * @param showsBody whether humans who are asked about a call may read its body
 */
public record Operation(
        String id,
        Effect effect,
        boolean yieldsUntrusted,
        boolean needsTrusted,
        List<String> trustedArguments,
        List<String> recordedArguments,
        OperationValues values,
        FoldedNames named,
        boolean isProtocol,
        boolean showsBody) {
    public Operation {
        trustedArguments = List.copyOf(trustedArguments);
        recordedArguments = List.copyOf(recordedArguments);
    }

    /** An operation with the names of its trusted and recorded arguments. */
    public Operation(
            String id,
            Effect effect,
            boolean yieldsUntrusted,
            boolean needsTrusted,
            List<String> trustedArguments,
            List<String> recordedArguments,
            OperationValues values) {
        this(
                id,
                effect,
                yieldsUntrusted,
                needsTrusted,
                trustedArguments,
                recordedArguments,
                values,
                FoldedNames.of(Stream.concat(trustedArguments.stream(), recordedArguments.stream())
                        .distinct()
                        .toList()),
                false,
                false);
    }

    /** An operation whose arguments are all text. No argument is recorded, and its answers return no values. */
    public Operation(String id, Effect effect, boolean yieldsUntrusted, boolean needsTrusted) {
        this(id, effect, yieldsUntrusted, needsTrusted, List.of(), List.of(), OperationValues.TEXT);
    }

    /** An argument that the catalogue names, and that another argument spells in another letter case or form; or null. */
    public @Nullable String lookalike(JsonObject arguments) {
        return named.lookalike(arguments);
    }

    /** The same operation, as a message of a protocol. */
    public Operation protocol() {
        return changed(id, true, showsBody);
    }

    /** The same operation under another id. */
    public Operation as(String other) {
        return changed(other, isProtocol, showsBody);
    }

    /** The same operation, whose bodies humans may read or not. */
    public Operation showingBody(boolean shown) {
        return shown == showsBody ? this : changed(id, isProtocol, shown);
    }

    private Operation changed(String newId, boolean protocol, boolean shown) {
        return new Operation(
                newId,
                effect,
                yieldsUntrusted,
                needsTrusted,
                trustedArguments,
                recordedArguments,
                values,
                named,
                protocol,
                shown);
    }
}

package dev.errand.operation;

import dev.errand.config.Faults;
import dev.errand.config.Position;
import dev.errand.config.YamlMap;
import dev.errand.config.YamlNode;
import dev.errand.json.Folding;
import dev.errand.operation.CatalogueKeys.EmptySegments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A catalogue file with its common part parsed.
 *
 * @param name the prefix of its ids
 * @param map the whole document
 * @param directory the directory of relative file names
 * @param target what is refused before a request is resolved
 * @param resolver the name of its resolver
 * @param refusals the form of its refusals
 * @param answers its rules for answers
 */
public record Declaration(
        String name,
        YamlMap map,
        Path directory,
        TargetRules target,
        String resolver,
        RefusalStyle refusals,
        AnswerRules answers) {
    private static final int MAX_NAME = 40;

    /** A catalogue file of that name. */
    public static Declaration of(
            String name,
            YamlMap map,
            Path directory,
            TargetRules target,
            String resolver,
            RefusalStyle refusals,
            Faults faults) {
        return new Declaration(
                name, map, directory, target, resolver, refusals, AnswerRules.read(name, refusals, map, faults));
    }

    /**
     * The bytes of a file beside the catalogue, at most so many; null, with a fault, if it cannot be read.
     *
     * @param at where the catalogue names the file
     */
    public byte @Nullable [] read(String file, Position at, int maxBytes, Faults faults) {
        String tried = file;
        try {
            Path path = directory.resolve(file).normalize();
            tried = path.toString();
            if (!path.startsWith(directory.normalize())) {
                faults.add(at, file + " must lie beside the catalogue or in a folder below: only there is it watched");
                return null;
            }
            if (Files.size(path) <= maxBytes) {
                return Files.readAllBytes(path);
            }
            faults.add(at, file + " is larger than " + maxBytes + " bytes");
        } catch (IOException | InvalidPathException e) {
            faults.add(at, tried + " does not exist or cannot be read: save the document there");
        }
        return null;
    }

    /** The form of refusals that a catalogue file names; by default that of its resolver. */
    public static RefusalStyle refusals(YamlMap map, RefusalStyle ofResolver, Faults faults) {
        return Choice.of(map, "refusals", CatalogueKeys.REFUSALS, ofResolver, faults);
    }

    /** The protocol of a catalogue that is written by hand: by its name, or by the form of its refusals. */
    public static HeaderProtocol protocol(String name, RefusalStyle refusals) {
        return switch (refusals) {
            case VAULT -> HeaderProtocol.VAULT;
            case OCI -> HeaderProtocol.OCI;
            case TEXT -> HeaderProtocol.GIT;
            case PROBLEM, KUBERNETES, S3, JSONRPC ->
                name.equals("vault")
                        ? HeaderProtocol.VAULT
                        : name.equals("git") ? HeaderProtocol.GIT : HeaderProtocol.NONE;
        };
    }

    /** Whether the text may be the name of a catalogue. */
    public static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= MAX_NAME
                && text.charAt(0) >= 'a'
                && text.charAt(0) <= 'z'
                && text.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    /** Reads a catalogue's rules for spelling and headers. These are the defaults of its resolver. */
    public static TargetRules target(YamlMap map, Normalisation defaults, HeaderRules headers, Faults faults) {
        YamlNode node = map.optional("normalise");
        YamlMap normalise = node == null ? null : node.map(faults);
        Normalisation settings = normalise == null ? defaults : normalisation(normalise, defaults, faults);
        return new TargetRules(settings, HeaderDeclaration.read(map, headers, faults));
    }

    private static Normalisation normalisation(YamlMap map, Normalisation defaults, Faults faults) {
        map.unknownKeys(faults, CatalogueKeys.NORMALISE);
        EmptySegments empty =
                Choice.of(map, "empty-segments", CatalogueKeys.EMPTY_SEGMENTS, EmptySegments.of(defaults), faults);
        boolean letterCase = Choice.of(
                map,
                "resource-case",
                CatalogueKeys.RESOURCE_CASE,
                defaults.folding().letterCase(),
                faults);
        return new Normalisation(
                Choice.of(map, "encoded-slash", CatalogueKeys.ENCODED_SLASH, defaults.encodedSlash(), faults),
                Choice.of(map, "trailing-slash", CatalogueKeys.TRAILING_SLASH, defaults.trailingSlash(), faults),
                empty != EmptySegments.REJECT,
                Choice.of(map, "query", CatalogueKeys.QUERY, defaults.openQuery(), faults),
                defaults.semicolons(),
                new Folding(letterCase, empty == EmptySegments.FOLD));
    }

    /** The catalogue's name in its file; null, with a fault, if it is missing or malformed. */
    public static @Nullable String name(YamlMap map, Faults faults) {
        YamlNode node = map.required("catalogue", faults);
        String name = node == null ? null : node.string(faults);
        if (node != null && name != null && !isName(name)) {
            faults.add(
                    node.at(),
                    "a catalogue's name is at most " + MAX_NAME
                            + " lower-case letters, digits and -, and begins with a letter");
            return null;
        }
        return name;
    }
}

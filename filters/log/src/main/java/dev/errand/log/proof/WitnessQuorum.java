package dev.errand.log.proof;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How many of which witnesses must have cosigned a checkpoint. Immutable.
 *
 * @param keys distinct
 * @param quorum 1 to the number of keys
 */
public record WitnessQuorum(List<WitnessKey> keys, int quorum) {
    public WitnessQuorum {
        keys = List.copyOf(keys);
        Set<String> distinct = new HashSet<>();
        keys.forEach(key -> distinct.add(java.util.HexFormat.of().formatHex(key.publicKey())));
        if (distinct.size() < keys.size()) {
            throw new IllegalArgumentException("a key is named twice; each witness has one of its own");
        }
        if (quorum < 1 || quorum > keys.size()) {
            throw new IllegalArgumentException("the quorum must be 1.." + keys.size() + ", was " + quorum);
        }
    }

    /** How many of the witnesses cosigned the note. */
    public int count(SignedNote note) {
        return (int)
                keys.stream().filter(key -> key.cosignature(note).isPresent()).count();
    }

    /** What is missing, or empty. */
    Optional<String> verify(SignedNote note) {
        int count = count(note);
        return count >= quorum
                ? Optional.empty()
                : Optional.of(
                        "cosigned by " + count + " of the " + keys.size() + " named witnesses, should be by " + quorum);
    }
}

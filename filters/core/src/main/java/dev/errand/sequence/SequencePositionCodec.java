package dev.errand.sequence;

import dev.errand.sequence.InFlight.Outcome;
import dev.errand.sequence.SequencePosition.Said;
import dev.errand.sequence.rule.KeptAnswers;
import dev.errand.sequence.rule.KeptAnswers.Fact;
import dev.errand.sequence.rule.Place;
import dev.errand.sequence.rule.Tally;
import dev.errand.sequence.rule.Value;
import dev.errand.sequence.rule.Vocabulary;
import java.math.BigDecimal;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes a state as bytes: a format number, 32 bits of the policy's digest, the plan's state and registers, the calls
 * in flight, the counts of each rule, what operators said and, if rules look at them, what the last answers said. Numbers have a variable length, seven bits in each byte, lowest first; times
 * are differences. Thread-safe.
 */
record SequencePositionCodec(
        int policy,
        Vocabulary vocabulary,
        @Nullable Automaton automaton,
        int rules,
        List<KeptAnswers.Watched> watched) {
    private static final int FORMAT = 1;

    /** The bits of a call's flags: its outcome, whether its decision id is there, and its marks. */
    private static final int OUTCOME = 3;

    private static final int NAMED = 4;
    private static final int MARKS = 3;

    /** The kinds of an answer's values. */
    private static final int ABSENT = 0;

    private static final int AMOUNT = 1;
    private static final int HASH = 2;
    private static final int OTHER_NUMBER = 3;

    byte[] write(SequencePosition position) {
        ValueBytes out = new ValueBytes();
        out.write(FORMAT);
        out.writeInt(policy);
        if (position.settled != null) {
            out.number(position.settled.state);
            for (Value register : position.settled.registers) {
                out.value(register);
            }
        }
        out.number(position.calls.size());
        long before = 0;
        for (InFlight call : position.calls) {
            out.number(call.outcome().ordinal() | (call.id() == null ? 0 : NAMED) | call.marks() << MARKS);
            if (call.id() == null) {
                out.writeLong(call.decision());
            } else {
                out.name(call.id());
            }
            out.number(call.sentMillis() - before);
            before = call.sentMillis();
            if (call.unknown() || call.returning()) {
                out.number(call.unknownMillis() - call.sentMillis());
            }
            out.number(call.places().size());
            for (Place place : call.places()) {
                out.number(place.symbol());
                place.arguments().forEach(out::value);
            }
        }
        for (Tally tally : position.tallies) {
            out.number(tally.counts().size());
            tally.counts().forEach((value, count) -> {
                out.value(value);
                out.number(count.length);
                long last = 0;
                for (long one : count) {
                    out.number(one - last);
                    last = one;
                }
            });
        }
        out.number(position.said.size());
        for (Said said : position.said) {
            out.writeLong(said.decision());
            out.write(said.happened() ? 1 : 0);
        }
        if (!watched.isEmpty()) {
            write(position.kept, out);
        }
        return out.written();
    }

    private void write(KeptAnswers kept, ValueBytes out) {
        Map<KeptAnswers.Source, Integer> numbers = new HashMap<>();
        watched.forEach(each -> numbers.put(each.source(), numbers.size()));
        out.number(kept.all().size());
        kept.all().forEach((key, answer) -> {
            int number = Objects.requireNonNull(numbers.get(key.source()));
            out.number(number);
            out.value(key.same());
            out.number(answer.atMillis());
            for (String name : watched.get(number).names()) {
                Fact fact = answer.facts().get(name);
                BigDecimal amount = fact == null ? null : fact.number();
                out.write(fact == null ? ABSENT : amount != null ? AMOUNT : fact.isNumber() ? OTHER_NUMBER : HASH);
                if (amount != null) {
                    out.write(amount.scale());
                    out.writeLong(amount.unscaledValue().longValueExact());
                } else if (fact != null) {
                    out.writeLong(fact.hash());
                }
            }
        });
    }

    private KeptAnswers kept(ByteBuffer in) {
        if (watched.isEmpty()) {
            return KeptAnswers.NONE;
        }
        Map<KeptAnswers.Key, KeptAnswers.Answer> answers = new HashMap<>();
        for (int left = count(in, KeptAnswers.MAX); left > 0; left--) {
            KeptAnswers.Watched source = watched.get(count(in, watched.size() - 1));
            KeptAnswers.Key key = new KeptAnswers.Key(source.source(), value(in));
            long at = number(in);
            Map<String, Fact> facts = new HashMap<>();
            for (String name : source.names()) {
                int kind = in.get();
                if (kind == AMOUNT) {
                    int scale = in.get();
                    facts.put(name, Fact.of(BigDecimal.valueOf(in.getLong(), scale)));
                } else if (kind == HASH || kind == OTHER_NUMBER) {
                    facts.put(name, new Fact(null, kind == OTHER_NUMBER, in.getLong()));
                } else if (kind != ABSENT) {
                    throw new IllegalArgumentException("sequence state has an unknown kind of an answer's value");
                }
            }
            answers.put(key, new KeptAnswers.Answer(at, facts));
        }
        return KeptAnswers.of(answers);
    }

    SequencePosition read(byte[] written) {
        ByteBuffer in = ByteBuffer.wrap(written);
        try {
            if (in.get() != FORMAT || in.getInt() != policy) {
                throw new IllegalArgumentException("sequence state of another format or plan");
            }
            SequencePosition position = new SequencePosition(settled(in), calls(in), tallies(in), said(in), kept(in));
            if (in.hasRemaining()) {
                throw new IllegalArgumentException("sequence state is too long");
            }
            return position;
        } catch (BufferUnderflowException tooShort) {
            throw new IllegalArgumentException("sequence state is too short", tooShort);
        }
    }

    private @Nullable Configuration settled(ByteBuffer in) {
        if (automaton == null) {
            return null;
        }
        int state = count(in, automaton.states() - 1);
        Value[] registers = new Value[automaton.registers().size()];
        for (int i = 0; i < registers.length; i++) {
            registers[i] = value(in);
        }
        return new Configuration(state, registers);
    }

    private List<InFlight> calls(ByteBuffer in) {
        int size = count(in, 2 * CompiledSequence.MAX_IN_FLIGHT + CompiledSequence.MAX_RETURNABLE);
        List<InFlight> calls = new ArrayList<>(size);
        long sent = 0;
        for (int i = 0; i < size; i++) {
            int flags = count(in, InFlight.ALL_MARKS << MARKS | NAMED | OUTCOME);
            Outcome outcome = Outcome.values()[flags & OUTCOME];
            String id = (flags & NAMED) == 0 ? null : ValueBytes.name(in);
            long decision = id == null ? in.getLong() : InFlight.hash(id);
            sent += number(in);
            long unknown = 0;
            boolean returning = outcome == Outcome.HAPPENED && (flags >> MARKS & InFlight.MOVES) == 0;
            if (outcome == Outcome.UNKNOWN || returning) {
                if (id == null && !returning) {
                    throw new IllegalArgumentException("sequence state has an unknown outcome without a decision");
                }
                unknown = sent + number(in);
            }
            List<Place> places = new ArrayList<>();
            for (int left = count(in, Integer.MAX_VALUE); left > 0; left--) {
                int symbol = count(in, vocabulary.size() - 1);
                List<Value> arguments = new ArrayList<>();
                for (int slot = 0; slot < vocabulary.slots(symbol); slot++) {
                    arguments.add(value(in));
                }
                places.add(new Place(symbol, arguments));
            }
            calls.add(new InFlight(decision, id, sent, outcome, unknown, flags >> MARKS, places));
        }
        return calls;
    }

    private List<Tally> tallies(ByteBuffer in) {
        List<Tally> tallies = new ArrayList<>(rules);
        for (int i = 0; i < rules; i++) {
            Map<Value, long[]> counts = new HashMap<>();
            for (int left = count(in, Tally.MAX_ENTRIES); left > 0; left--) {
                Value value = value(in);
                long[] count = new long[count(in, Math.min(in.remaining(), 2 * Tally.MAX_ENTRIES))];
                long last = 0;
                for (int at = 0; at < count.length; at++) {
                    last += number(in);
                    count[at] = last;
                }
                counts.put(value, count);
            }
            tallies.add(counts.isEmpty() ? Tally.EMPTY : new Tally(counts));
        }
        return tallies;
    }

    private static List<Said> said(ByteBuffer in) {
        int size = count(in, CompiledSequence.MAX_SAID);
        List<Said> said = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            said.add(new Said(in.getLong(), in.get() != 0));
        }
        return said;
    }

    private static Value value(ByteBuffer in) {
        int kind = in.get();
        return switch (kind) {
            case 0 -> Value.ABSENT;
            case 1 -> Value.ANY;
            case 2 -> new Value(in.getLong(), in.getLong());
            case 3 -> Value.ofNumber(number(in));
            default -> throw new IllegalArgumentException("sequence state has an unknown value");
        };
    }

    private static long number(ByteBuffer in) {
        long number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = in.get();
            number |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw new IllegalArgumentException("sequence state has a number that is too long");
    }

    private static int count(ByteBuffer in, int most) {
        long number = number(in);
        if (number < 0 || number > most) {
            throw new IllegalArgumentException("sequence state has a number out of range");
        }
        return (int) number;
    }
}

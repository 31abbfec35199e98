package dev.errand.delegation.chain;

/** Ends a verification at the first step that does not hold; never leaves the package. */
final class StepException extends Exception {
    private static final long serialVersionUID = 1L;

    private static final int MAX_REASON = 256;

    private final String step;

    StepException(String step, String reason) {
        super(printable(reason), null, false, false);
        this.step = step;
    }

    /** A reason may quote names out of a token: they must not be able to write a second line or hide the first. */
    private static String printable(String reason) {
        return reason.codePoints()
                .limit(MAX_REASON)
                .map(c -> switch (Character.getType(c)) {
                    case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR ->
                        '?';
                    default -> c;
                })
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    static void require(boolean holds, String step, String reason) throws StepException {
        if (!holds) {
            throw new StepException(step, reason);
        }
    }

    String step() {
        return step;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    ChainResult.Rejected rejected() {
        return new ChainResult.Rejected(step, reason());
    }
}

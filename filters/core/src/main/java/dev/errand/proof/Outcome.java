package dev.errand.proof;

/** What became of a permitted call. */
enum Outcome {
    /** The upstream answered below 400. */
    HAPPENED,
    /** The upstream answered 400 or more. */
    FAILED,
    /** No answer came. Nothing passes after such a call that does not pass after both others. */
    UNANSWERED
}

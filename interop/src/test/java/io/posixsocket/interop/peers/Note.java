package io.posixsocket.interop.peers;

/** A footnote of the table; docs/INTEROP.md has its text under its letter. */
enum Note {
    /** The peer has no streams. */
    NO_STREAMS("a"),
    /** A handler of the peer does not hear of a deadline or of a caller that has gone. */
    NOT_TOLD("b"),
    /** The peer's client has an error of its own for a deadline, or the server's status, whichever comes first. */
    OWN_TIMEOUT("c"),
    /** The peer's client does not hear that a connection has ended until it makes another call. */
    END_NOT_HEARD("d"),
    /** The peer's client cannot tell the server that it has left a stream. */
    LEFT_SILENTLY("e"),
    /** The peer's client does not send the deadline of a stream. */
    DEADLINE_NOT_SENT("f");

    private final String letter;

    Note(String letter) {
        this.letter = letter;
    }

    /** The mark. */
    @Override
    public String toString() {
        return "(" + letter + ")";
    }
}

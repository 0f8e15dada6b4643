package io.posixsocket.benchmarks;

/** A contestant did not send back what it was sent. */
final class WrongReplyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    WrongReplyException(String message) {
        super(message);
    }

    static WrongReplyException to(int number) {
        return new WrongReplyException("the reply to call " + number + " has other bytes than its request");
    }
}

package io.posixsocket.codegen;

/** Says why nothing is generated, in words for the author of the .proto file. */
final class GenerationException extends Exception {
    private static final long serialVersionUID = 1L;

    GenerationException(String message) {
        super(message);
    }
}

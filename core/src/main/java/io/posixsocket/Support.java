package io.posixsocket;

/** How a function of the manual is there on this platform. */
public enum Support {
    /** The C library has it. */
    NATIVE,
    /** The C library lacks it; it is made of others, and its Javadoc says where that shows. */
    EMULATED,
    /** It is missing; calling it throws {@link UnsupportedOperationException}. */
    ABSENT
}

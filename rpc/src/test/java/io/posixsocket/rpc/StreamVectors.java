package io.posixsocket.rpc;

/** Streams captured from Go's ttrpc 1.2.4 and Rust's 0.8.2; header and body in one hex string, for stream id 1. */
final class StreamVectors {
    static final String SUM_UP =
            "0000002e0000000101060a1764656d6f2e73747265616d2e76312e53747265616d6572120553756d55702080bcc1960b2a060a016b120176";
    static final String ITEM_1 = "000000020000000103000801";
    static final String CLOSE = "00000000000000010305";
    static final String SUM_REPLY = "0000000600000001020012040837100a";
    static final String COUNT =
            "000000240000000101010a1764656d6f2e73747265616d2e76312e53747265616d65721205436f756e741a020803";
    static final String COUNT_FAILURE = "0000000d0000000102000a0b080f120761667465722033";
    static final String ECHO = "0000001f0000000101020a1764656d6f2e73747265616d2e76312e53747265616d657212044563686f";
    static final String EMPTY_ITEM = "00000000000000010300";

    private StreamVectors() {}
}

package io.posixsocket.rpc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the Request envelope: where its parts lie in the body, and the few values. Used again for each frame of a
 * connection. Bounded: a hostile envelope of 4 MiB makes no more objects than the limits of its metadata allow.
 */
final class Request {
    private final int maxEntries;
    private final int maxMetadataBytes;
    private final Envelope envelope = new Envelope();
    private final Envelope entry = new Envelope();

    private byte[] body; // of the frame that is being read
    private int serviceAt;
    private int serviceLength;
    private int methodAt;
    private int methodLength;

    int payloadAt;
    int payloadLength;
    /** Relative; 0 for none, negative for one that has passed. */
    long timeoutNanos;

    boolean oneCallAtATime;
    Metadata metadata;
    /** What limit the metadata exceeds; null for none. */
    String overLimit;

    Request(int maxEntries, int maxMetadataBytes) {
        this.maxEntries = maxEntries;
        this.maxMetadataBytes = maxMetadataBytes;
    }

    /** @throws Envelope.MalformedException if the body is not a Request */
    void read(byte[] body, int bodyLength) throws Envelope.MalformedException {
        this.body = body;
        serviceAt = serviceLength = methodAt = methodLength = payloadAt = payloadLength = 0;
        timeoutNanos = 0;
        oneCallAtATime = false;
        overLimit = null;
        List<Metadata.Entry> entries = null;
        int metadataBytes = 0;
        envelope.walk(body, 0, bodyLength);
        while (envelope.next()) {
            switch (envelope.field()) {
                case Wire.SERVICE -> {
                    serviceAt = envelope.start();
                    serviceLength = envelope.length();
                }
                case Wire.METHOD -> {
                    methodAt = envelope.start();
                    methodLength = envelope.length();
                }
                case Wire.PAYLOAD -> {
                    payloadAt = envelope.start();
                    payloadLength = envelope.length();
                }
                case Wire.TIMEOUT_NANO -> timeoutNanos = envelope.number();
                case Wire.METADATA -> {
                    if (entries == null) entries = new ArrayList<>();
                    metadataBytes += envelope.length();
                    if (entries.size() >= maxEntries)
                        overLimit = "metadata has more than " + maxEntries + " entries (maxMetadataEntries)";
                    else if (metadataBytes > maxMetadataBytes)
                        overLimit = "metadata is longer than " + maxMetadataBytes + " bytes (maxMetadataBytes)";
                    else entries.add(readEntry(envelope.start(), envelope.length()));
                }
                case Wire.ONE_CALL_AT_A_TIME -> oneCallAtATime = envelope.number() != 0;
                default -> {
                    // an extension that we do not know: proto3 skips it
                }
            }
        }
        metadata = entries == null ? Metadata.empty() : Metadata.received(entries);
    }

    /** Lets go of the body: a parked connection keeps none. */
    void leave() {
        body = null;
        envelope.leave();
        entry.leave();
        metadata = Metadata.empty();
    }

    private Metadata.Entry readEntry(int from, int length) throws Envelope.MalformedException {
        String key = "";
        String value = "";
        entry.walk(body, from, from + length);
        while (entry.next()) {
            if (entry.field() == 1) key = Envelope.string(body, entry.start(), entry.length(), "metadata key");
            else if (entry.field() == 2) value = Envelope.string(body, entry.start(), entry.length(), "metadata value");
        }
        return new Metadata.Entry(key, value);
    }

    /** The service's and the method's names, as the length of both on the wire. */
    int namesLength() {
        return serviceLength + methodLength;
    }

    boolean isFor(byte[] service, byte[] method) {
        return Arrays.equals(body, serviceAt, serviceAt + serviceLength, service, 0, service.length)
                && Arrays.equals(body, methodAt, methodAt + methodLength, method, 0, method.length);
    }

    /** Of the method's bytes, for a table. */
    int methodHash() {
        int hash = 1;
        for (int i = 0; i < methodLength; i++) hash = 31 * hash + body[methodAt + i];
        return hash;
    }

    /** @throws Envelope.MalformedException if it is not UTF-8 */
    String service() throws Envelope.MalformedException {
        return Envelope.string(body, serviceAt, serviceLength, "service");
    }

    /** @throws Envelope.MalformedException if it is not UTF-8 */
    String method() throws Envelope.MalformedException {
        return Envelope.string(body, methodAt, methodLength, "method");
    }
}

package io.posixsocket.rpc;

/** What a server takes from one peer, and how long it waits for it. Nanoseconds. */
record PeerLimits(
        int maxMessageSize,
        int maxMetadataEntries,
        int maxMetadataBytes,
        long firstFrameNanos,
        long frameNanos,
        long writeNanos) {}

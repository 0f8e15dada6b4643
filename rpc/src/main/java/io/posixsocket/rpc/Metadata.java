package io.posixsocket.rpc;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a call carries beside its message: keys with values, several values to a key, in order. An immutable value.
 *
 * <p>Keys are lower-cased when they are added, as every ttRPC peer does on its sending side. A peer that does not is not
 * corrected: its key {@code Foo} is not found here, as it is not in Go.
 */
public final class Metadata {
    private static final Metadata EMPTY = new Metadata(List.of());
    /** Request.metadata, field 5, length-delimited. */
    private static final int TAG = 5 << 3 | 2;

    /**
     * One value.
     *
     * @param key never null
     * @param value never null
     */
    public record Entry(String key, String value) {
        /** Requires both. */
        public Entry {
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(value, "value");
        }
    }

    private final List<Entry> entries;
    private byte[] encoded; // made when first sent; equal bytes whoever makes them, so a race is harmless

    private Metadata(List<Entry> entries) {
        this.entries = entries;
    }

    /** No keys. */
    public static Metadata empty() {
        return EMPTY;
    }

    /** One key with one value. */
    public static Metadata of(String key, String value) {
        return EMPTY.with(key, value);
    }

    /** As they came from a peer: keys are left as they are. */
    static Metadata received(List<Entry> entries) {
        return entries.isEmpty() ? EMPTY : new Metadata(List.copyOf(entries));
    }

    /**
     * A copy with one value more, after those that the key has.
     *
     * @throws IllegalArgumentException if key or value cannot be written as UTF-8 (an unpaired surrogate)
     */
    public Metadata with(String key, String value) {
        Entry entry = new Entry(requireUtf8(key).toLowerCase(Locale.ROOT), requireUtf8(value));
        List<Entry> more = new ArrayList<>(entries.size() + 1);
        more.addAll(entries);
        more.add(entry);
        return new Metadata(List.copyOf(more));
    }

    /** A copy with the entries of {@code other} after these. */
    public Metadata with(Metadata other) {
        if (entries.isEmpty()) return other;
        if (other.entries.isEmpty()) return this;
        List<Entry> more = new ArrayList<>(entries);
        more.addAll(other.entries);
        return new Metadata(List.copyOf(more));
    }

    /** The first value of a key, empty if it has none. */
    public Optional<String> first(String key) {
        String wanted = key.toLowerCase(Locale.ROOT);
        return entries.stream()
                .filter(e -> e.key.equals(wanted))
                .map(Entry::value)
                .findFirst();
    }

    /** All values of a key, in order; empty if it has none. */
    public List<String> all(String key) {
        String wanted = key.toLowerCase(Locale.ROOT);
        return entries.stream()
                .filter(e -> e.key.equals(wanted))
                .map(Entry::value)
                .toList();
    }

    /** All entries, in order. */
    public List<Entry> entries() {
        return entries;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Field 5 of a Request, once per entry. */
    byte[] encoded() {
        byte[] bytes = encoded;
        if (bytes == null) encoded = bytes = encode();
        return bytes;
    }

    private byte[] encode() {
        int size = 0;
        for (Entry entry : entries) {
            int entrySize = entrySize(entry);
            size += 1 + CodedOutputStream.computeUInt32SizeNoTag(entrySize) + entrySize;
        }
        byte[] bytes = new byte[size];
        CodedOutputStream to = CodedOutputStream.newInstance(bytes);
        try {
            for (Entry entry : entries) {
                to.writeUInt32NoTag(TAG);
                to.writeUInt32NoTag(entrySize(entry));
                // proto3 omits an empty string; Go writes neither then
                if (!entry.key.isEmpty()) to.writeString(1, entry.key);
                if (!entry.value.isEmpty()) to.writeString(2, entry.value);
            }
            to.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("the array has the computed size", e);
        }
        return bytes;
    }

    private static int entrySize(Entry entry) {
        return (entry.key.isEmpty() ? 0 : CodedOutputStream.computeStringSize(1, entry.key))
                + (entry.value.isEmpty() ? 0 : CodedOutputStream.computeStringSize(2, entry.value));
    }

    private static String requireUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) continue;
            if (Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1)))
                i++;
            else throw new IllegalArgumentException("metadata has an unpaired surrogate at character " + i);
        }
        return text;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Metadata metadata && metadata.entries.equals(entries);
    }

    @Override
    public int hashCode() {
        return entries.hashCode();
    }

    /** {@code {trace-id=1, tag=a, tag=b}}. */
    @Override
    public String toString() {
        return entries.stream().map(e -> e.key + "=" + e.value).collect(Collectors.joining(", ", "{", "}"));
    }
}

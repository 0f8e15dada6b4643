package io.posixsocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How a value of an option lies in memory. {@code decode} is given as many bytes as the system wrote, in the platform's
 * byte order, at least {@code minLength} of them.
 */
record OptionType<T>(int minLength, int maxLength, Function<ByteBuffer, T> decode, Function<T, byte[]> encode) {
    static final OptionType<Integer> INT = new OptionType<>(4, 4, bytes -> bytes.getInt(0), OptionType::encodeInt);

    static final OptionType<Boolean> BOOLEAN =
            new OptionType<>(4, 4, bytes -> bytes.getInt(0) != 0, on -> encodeInt(on ? 1 : 0));

    static final OptionType<Duration> TIMEVAL = new OptionType<>(
            StructLayout.TIMEVAL, StructLayout.TIMEVAL, OptionType::decodeTimeval, OptionType::encodeTimeval);

    /** Names of interfaces and algorithms: at most 16 bytes, NUL-terminated if shorter. */
    static final OptionType<String> STRING =
            new OptionType<>(0, 64, OptionType::decodeString, OptionType::encodeString);

    /** Ids, as many as there are. With its length behind it, the first attempt fits a pooled buffer of 256 bytes. */
    static final OptionType<List<Long>> IDS = new OptionType<>(0, 240, OptionType::decodeIds, OptionType::neverSet);

    static final OptionType<byte[]> BYTES = new OptionType<>(0, 240, OptionType::remaining, bytes -> bytes);

    private static byte[] encodeInt(int value) {
        return StructLayout.allocate(4).putInt(value).array();
    }

    /** Rounded up to a microsecond: a wait must not end early, nor a short one become none, which means for ever. */
    private static byte[] encodeTimeval(Duration duration) {
        if (duration.isNegative())
            throw new IllegalArgumentException("optval is " + duration + ", must not be negative");
        Duration rounded = duration.plusNanos(999);
        return StructLayout.timeval(rounded.getSeconds(), rounded.getNano() / 1000);
    }

    private static Duration decodeTimeval(ByteBuffer bytes) {
        return Duration.ofSeconds(StructLayout.getLong(bytes, 0), StructLayout.getLong(bytes, Platform.LONG) * 1000);
    }

    private static String decodeString(ByteBuffer bytes) {
        byte[] array = remaining(bytes);
        int end = 0;
        while (end < array.length && array[end] != 0) end++;
        return new String(array, 0, end, StandardCharsets.UTF_8);
    }

    private static byte[] encodeString(String value) {
        if (value.indexOf('\0') >= 0)
            throw new IllegalArgumentException("optval has a NUL at char " + value.indexOf('\0'));
        return (value + '\0').getBytes(StandardCharsets.UTF_8);
    }

    private static List<Long> decodeIds(ByteBuffer bytes) {
        List<Long> ids = new ArrayList<>(bytes.limit() / 4);
        for (int i = 0; i + 4 <= bytes.limit(); i += 4) ids.add(Integer.toUnsignedLong(bytes.getInt(i)));
        return List.copyOf(ids);
    }

    private static byte[] remaining(ByteBuffer bytes) {
        byte[] array = new byte[bytes.limit()];
        bytes.get(0, array);
        return array;
    }

    /** For what can only be read: something that is long enough for the system to refuse the option and not its length. */
    static <T> byte[] neverSet(T value) {
        return new byte[4];
    }
}

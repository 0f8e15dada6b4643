package io.posixsocket.rpc;

import java.lang.ref.SoftReference;

/**
 * A few long arrays that nobody uses at the moment. The garbage collector may have them where memory is short. One that finds all
 * places taken is left to it, too.
 */
final class SpareArrays {
    // Guarded by this, a leaf. Asked for frames alone that take a thousand times as long.
    private final SoftReference<byte[]>[] places;

    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generics
    SpareArrays(int places) {
        this.places = new SoftReference[places];
    }

    /** At least so long; its bytes are what they are. */
    byte[] take(int length) {
        byte[] spare = find(length);
        return spare != null ? spare : new byte[length];
    }

    private synchronized byte[] find(int length) {
        for (int i = 0; i < places.length; i++) {
            byte[] array = places[i] == null ? null : places[i].get();
            if (array == null || array.length < length) continue;
            places[i] = null;
            return array;
        }
        return null;
    }

    /** Nobody else has it. In place of a shorter one, if there is no other place. */
    synchronized void give(byte[] array) {
        int shortest = -1;
        int shortestLength = array.length;
        for (int i = 0; i < places.length && shortestLength > 0; i++) {
            byte[] other = places[i] == null ? null : places[i].get();
            int length = other == null ? 0 : other.length;
            if (length >= shortestLength) continue;
            shortest = i;
            shortestLength = length;
        }
        if (shortest >= 0) places[shortest] = new SoftReference<>(array);
    }
}

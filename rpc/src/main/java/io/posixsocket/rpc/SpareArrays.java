package io.posixsocket.rpc;

import java.lang.ref.SoftReference;

/**
 * A few long arrays that nobody uses at the moment. The garbage collector may have them where memory is short. One that is given
 * takes the place of the one that was given longest ago: what is asked for now is mostly what was used last.
 */
final class SpareArrays {
    // Guarded by this, a leaf. Asked for frames alone that take a thousand times as long.
    private final SoftReference<byte[]>[] places;
    private int next;

    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generics
    SpareArrays(int places) {
        this.places = new SoftReference[places];
    }

    /** Null, or one that is as long, and less than twice as long: who asks is charged for that. Its bytes are what they are. */
    synchronized byte[] take(int length) {
        for (int i = 0; i < places.length; i++) {
            byte[] array = places[i] == null ? null : places[i].get();
            if (array == null || array.length < length || array.length / 2 >= length) continue;
            places[i] = null;
            return array;
        }
        return null;
    }

    /** Nobody else has it. */
    synchronized void give(byte[] array) {
        for (int i = 0; i < places.length; i++) {
            if (places[i] == null) next = i;
        }
        places[next] = new SoftReference<>(array);
        next = (next + 1) % places.length;
    }
}

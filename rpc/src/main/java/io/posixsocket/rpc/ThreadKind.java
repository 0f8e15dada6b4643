package io.posixsocket.rpc;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Whether a thread is virtual, which JDK 17 has no word for. One that blocks in native code keeps its carrier. */
final class ThreadKind {
    private static final MethodHandle IS_VIRTUAL = find(); // null before JDK 21

    private ThreadKind() {}

    private static MethodHandle find() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException | IllegalAccessException e) {
            return null;
        }
    }

    static boolean isVirtual(Thread thread) {
        if (IS_VIRTUAL == null) return false;
        try {
            return (boolean) IS_VIRTUAL.invokeExact(thread);
        } catch (Throwable e) { // it throws nothing; invokeExact is declared so
            throw new IllegalStateException(e);
        }
    }
}

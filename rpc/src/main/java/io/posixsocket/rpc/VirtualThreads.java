package io.posixsocket.rpc;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;

/** What is asked of virtual threads, on a JDK that may have none: this is compiled for 17, they came with 21. */
final class VirtualThreads {
    private static final MethodHandle IS_VIRTUAL = isVirtual(); // null: there are none

    private VirtualThreads() {}

    /** Whether the calling thread is one: then a native call that blocks would keep its carrier from all others. */
    static boolean isCurrent() {
        if (IS_VIRTUAL == null) return false;
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (Throwable e) {
            throw new AssertionError("Thread.isVirtual throws nothing", e);
        }
    }

    /** A new one, where there are any. It inherits no thread-locals. */
    static Thread unstarted(Runnable task) {
        try {
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Object made = Thread.class.getMethod("ofVirtual").invoke(null);
            made = builder.getMethod("inheritInheritableThreadLocals", boolean.class)
                    .invoke(made, false);
            return (Thread) builder.getMethod("unstarted", Runnable.class).invoke(made, task);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What messages call the calling thread: virtual ones have no names mostly. */
    static String currentName() {
        Thread thread = Thread.currentThread();
        return thread.getName().isEmpty() ? "#" + thread.getId() : thread.getName();
    }

    private static MethodHandle isVirtual() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (NoSuchMethodException e) {
            return null;
        } catch (IllegalAccessException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}

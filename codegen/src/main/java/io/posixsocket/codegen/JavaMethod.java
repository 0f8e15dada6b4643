package io.posixsocket.codegen;

import com.google.protobuf.DescriptorProtos.MethodOptions.IdempotencyLevel;
import com.google.protobuf.Descriptors.MethodDescriptor;

/** A method as the generated code has it. */
record JavaMethod(
        String rpc,
        String name,
        String constant,
        Shape shape,
        IdempotencyLevel idempotency,
        JavaMessage request,
        JavaMessage reply,
        String comment,
        boolean deprecated) {
    static JavaMethod of(MethodDescriptor method, Comments comments) {
        return new JavaMethod(
                method.getName(),
                JavaNames.method(method.getName()),
                JavaNames.constant(method.getName()),
                Shape.of(method),
                method.getOptions().getIdempotencyLevel(),
                JavaMessage.of(method.getInputType()),
                JavaMessage.of(method.getOutputType()),
                comments.of(method),
                method.getOptions().getDeprecated());
    }

    /** The method as it is declared. */
    String signature() {
        return shape.signature(name, request.className(), reply.className());
    }

    /** Says whether code that names this method or its types needs to silence javac. */
    boolean touchesDeprecated() {
        return deprecated || request.deprecated() || reply.deprecated();
    }
}

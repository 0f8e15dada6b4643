package io.posixsocket.codegen;

import com.google.protobuf.Descriptors.MethodDescriptor;

/** A method as the generated code has it. */
record JavaMethod(
        String rpc,
        String name,
        String constant,
        JavaMessage request,
        JavaMessage reply,
        String comment,
        boolean deprecated) {
    static JavaMethod of(MethodDescriptor method, Comments comments) throws GenerationException {
        if (method.isClientStreaming() || method.isServerStreaming()) {
            throw new GenerationException("rpc " + method.getName() + " of service "
                    + method.getService().getFullName() + " streams " + streams(method)
                    + "; streams are not generated yet, only rpcs of one request and one reply");
        }
        return new JavaMethod(
                method.getName(),
                JavaNames.method(method.getName()),
                JavaNames.constant(method.getName()),
                JavaMessage.of(method.getInputType()),
                JavaMessage.of(method.getOutputType()),
                comments.of(method),
                method.getOptions().getDeprecated());
    }

    private static String streams(MethodDescriptor method) {
        if (!method.isServerStreaming()) {
            return "its requests";
        }
        return method.isClientStreaming() ? "requests and replies" : "its replies";
    }

    /** Says whether code that names this method or its types needs to silence javac. */
    boolean touchesDeprecated() {
        return deprecated || request.deprecated() || reply.deprecated();
    }
}

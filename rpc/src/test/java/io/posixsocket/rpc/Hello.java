package io.posixsocket.rpc;

import com.google.protobuf.AbstractParser;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Empty;
import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.function.Function;

/**
 * {@code string text = 1; int64 number = 3}: the shape of both messages of the captured conversations, HelloRequest{name,
 * sleep_ms} and HelloReply{message, timeout_ms}; and the service that they belong to.
 */
record Hello(String text, long number) implements MessageLite {
    static final String SERVICE = "demo.greeter.v1.Greeter";
    static final Hello DEFAULT = new Hello("", 0);

    static final Parser<Hello> PARSER = new AbstractParser<>() {
        @Override
        public Hello parsePartialFrom(CodedInputStream from, ExtensionRegistryLite registry)
                throws InvalidProtocolBufferException {
            try {
                String text = "";
                long number = 0;
                for (int tag = from.readTag(); tag != 0; tag = from.readTag()) {
                    if (tag == 10) text = from.readStringRequireUtf8();
                    else if (tag == 24) number = from.readInt64();
                    else from.skipField(tag);
                }
                return new Hello(text, number);
            } catch (InvalidProtocolBufferException e) {
                throw e;
            } catch (IOException e) {
                throw new InvalidProtocolBufferException(e);
            }
        }
    };

    static final MethodDescriptor<Hello, Hello> SAY_HELLO = MethodDescriptor.unary(SERVICE, "SayHello", PARSER, PARSER);
    static final MethodDescriptor<Empty, Empty> NOTHING =
            MethodDescriptor.unary(SERVICE, "Nothing", Empty.parser(), Empty.parser());

    static Hello of(String text) {
        return new Hello(text, 0);
    }

    /** One of {@code length} bytes in all. */
    static Hello ofSize(int length) {
        int text = length - 1 - CodedOutputStream.computeUInt32SizeNoTag(length);
        Hello hello = of("x".repeat(text));
        while (hello.getSerializedSize() < length) hello = of(hello.text + "x");
        if (hello.getSerializedSize() != length)
            throw new IllegalArgumentException("no message has " + length + " bytes");
        return hello;
    }

    /** Greets, unless {@code sayHello} does otherwise; and does nothing. */
    static ServiceDefinition service(Function<Hello, Hello> sayHello) {
        return ServiceDefinition.builder(SERVICE)
                .unary(SAY_HELLO, sayHello)
                .unary(NOTHING, empty -> empty)
                .build();
    }

    static ServiceDefinition service() {
        return service(Hello::greet);
    }

    static Hello greet(Hello request) {
        return of("Hello " + request.text);
    }

    @Override
    public void writeTo(CodedOutputStream to) throws IOException {
        if (!text.isEmpty()) to.writeString(1, text);
        if (number != 0) to.writeInt64(3, number);
    }

    @Override
    public int getSerializedSize() {
        return (text.isEmpty() ? 0 : CodedOutputStream.computeStringSize(1, text))
                + (number == 0 ? 0 : CodedOutputStream.computeInt64Size(3, number));
    }

    @Override
    public byte[] toByteArray() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    @Override
    public void writeTo(OutputStream to) throws IOException {
        CodedOutputStream coded = CodedOutputStream.newInstance(to);
        writeTo(coded);
        coded.flush();
    }

    @Override
    public ByteString toByteString() {
        return ByteString.copyFrom(toByteArray());
    }

    @Override
    public Parser<Hello> getParserForType() {
        return PARSER;
    }

    @Override
    public Hello getDefaultInstanceForType() {
        return DEFAULT;
    }

    @Override
    public boolean isInitialized() {
        return true;
    }

    @Override
    public void writeDelimitedTo(OutputStream to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Builder newBuilderForType() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Builder toBuilder() {
        throw new UnsupportedOperationException();
    }
}

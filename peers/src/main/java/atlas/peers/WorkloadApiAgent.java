package atlas.peers;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An agent that serves the SPIFFE Workload API by the documents, on gRPC's own server: the security
 * header is demanded, the first answer comes at once, every change is pushed whole, a workload
 * without entitlement hears PermissionDenied. It is not SPIRE.
 */
public final class WorkloadApiAgent implements AutoCloseable {
    private static final Metadata.Key<String> SECURITY =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    /** One identity as the agent hands it out. */
    public record Svid(PrivateKey key, List<X509Certificate> chain, List<X509Certificate> trust) {
        public Svid {
            chain = List.copyOf(chain);
            trust = List.copyOf(trust);
        }
    }

    private final EventLoopGroup loops = new EpollEventLoopGroup(1);
    private final Server server;
    private final List<StreamObserver<byte[]>> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger calls = new AtomicInteger();
    private volatile byte @Nullable [] response;

    /** Listens; {@code first} is what it says until the first change, null for no entitlement. */
    public WorkloadApiAgent(Path socket, byte @Nullable [] first) {
        response = first;
        MethodDescriptor<byte[], byte[]> fetch =
                MethodDescriptor.<byte[], byte[]>newBuilder()
                        .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
                        .setFullMethodName("SpiffeWorkloadAPI/FetchX509SVID")
                        .setRequestMarshaller(new Bytes())
                        .setResponseMarshaller(new Bytes())
                        .build();
        try {
            server =
                    NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                            .channelType(EpollServerDomainSocketChannel.class)
                            .bossEventLoopGroup(loops)
                            .workerEventLoopGroup(loops)
                            .intercept(new DemandsTheHeader())
                            .addService(
                                    ServerServiceDefinition.builder("SpiffeWorkloadAPI")
                                            .addMethod(
                                                    fetch,
                                                    ServerCalls.asyncServerStreamingCall(
                                                            (_, out) -> serve(out)))
                                            .build())
                            .build()
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(StreamObserver<byte[]> out) {
        calls.incrementAndGet();
        byte[] now = response;
        if (now == null) {
            out.onError(Status.PERMISSION_DENIED.asRuntimeException());
            return;
        }
        ((ServerCallStreamObserver<byte[]>) out).setOnCancelHandler(() -> streams.remove(out));
        streams.add(out);
        out.onNext(now);
    }

    /** How often it was asked. */
    public int calls() {
        return calls.get();
    }

    /** Rotates: everybody connected hears of it, whoever calls later too. */
    public void push(byte[] next) {
        response = next;
        streams.forEach(stream -> stream.onNext(next));
    }

    /** Takes every entitlement back. */
    public void deny() {
        response = null;
        for (StreamObserver<byte[]> stream : streams) {
            stream.onError(Status.PERMISSION_DENIED.asRuntimeException());
        }
        streams.clear();
    }

    @Override
    public void close() {
        server.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Workload Endpoint §6.1: calls without the header are InvalidArgument. */
    private static final class DemandsTheHeader implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (!"true".equals(headers.get(SECURITY))) {
                call.close(Status.INVALID_ARGUMENT, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return Contexts.interceptCall(Context.current(), call, headers, next);
        }
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The message for these identities, as protobuf writes it. */
    public static byte[] message(
            Map<String, Svid> svids, Map<String, List<X509Certificate>> other) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        svids.forEach((id, svid) -> {
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            field(1, id.getBytes(StandardCharsets.UTF_8), entry);
            field(2, der(svid.chain()), entry);
            field(3, svid.key().getEncoded(), entry);
            field(4, der(svid.trust()), entry);
            field(5, "internal".getBytes(StandardCharsets.UTF_8), entry);
            field(1, entry.toByteArray(), out);
        });
        other.forEach((domain, anchors) -> {
            ByteArrayOutputStream entry = new ByteArrayOutputStream();
            field(1, ("spiffe://" + domain).getBytes(StandardCharsets.UTF_8), entry);
            field(2, der(anchors), entry);
            field(3, entry.toByteArray(), out);
        });
        // A field of a later version of the message, which clients pass over.
        out.write(15 << 3);
        out.write(1);
        return out.toByteArray();
    }

    private static void field(int number, byte[] value, ByteArrayOutputStream out) {
        out.write((number << 3) | 2);
        int length = value.length;
        while (length >= 0x80) {
            out.write((length & 0x7f) | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(value);
    }

    private static byte[] der(List<X509Certificate> certificates) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (X509Certificate certificate : certificates) {
            try {
                out.writeBytes(certificate.getEncoded());
            } catch (CertificateEncodingException e) {
                throw new AssertionError(e);
            }
        }
        return out.toByteArray();
    }
}

package atlas.runtime.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * TLS 1.3 contexts, by BoringSSL where its library loads and by the JDK elsewhere. Sessions are not
 * resumed: a reload of trust must hold for the next connection.
 */
public final class TlsContexts {
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384"};
    // The key reaches BoringSSL through a key store that never leaves memory and has no password
    // to protect: the default kind would spend 10,000 rounds of PBKDF2 on it, twice per context.
    private static final String KEYS_IN_MEMORY = "JKS";
    private static final int MAX_CERTIFICATE_BYTES = 32 << 10;
    private static final boolean BORING = OpenSsl.isAvailable();

    private TlsContexts() {}

    /** A server's context. */
    public static SslContext server(
            PrivateKey key, List<X509Certificate> chain, PeerTrust clients, ClientAuth auth)
            throws SSLException {
        SslContextBuilder builder =
                common(SslContextBuilder.forServer(key, chain))
                        .trustManager(clients)
                        .clientAuth(auth)
                        .applicationProtocolConfig(
                                new ApplicationProtocolConfig(
                                        ApplicationProtocolConfig.Protocol.ALPN,
                                        ApplicationProtocolConfig.SelectorFailureBehavior
                                                .NO_ADVERTISE,
                                        ApplicationProtocolConfig.SelectedListenerFailureBehavior
                                                .ACCEPT,
                                        ApplicationProtocolNames.HTTP_2,
                                        ApplicationProtocolNames.HTTP_1_1));
        return sessionless(builder.build());
    }

    /** A client's context. */
    public static SslContext client(PrivateKey key, List<X509Certificate> chain, PeerTrust server)
            throws SSLException {
        SslContextBuilder builder =
                common(SslContextBuilder.forClient())
                        .keyManager(key, chain)
                        .trustManager(server)
                        // The name is judged by PeerTrust, which knows SPIFFE IDs as well.
                        .endpointIdentificationAlgorithm(null);
        return sessionless(builder.build());
    }

    /** A server's handler for one connection; no session tickets are sent. */
    public static SslHandler accept(SslContext context, ByteBufAllocator allocator) {
        SslHandler handler = context.newHandler(allocator);
        if (handler.engine() instanceof ReferenceCountedOpenSslEngine boring) {
            // Setting the session cache up clears this option in the context.
            SSL.setOptions(boring.sslPointer(), SSL.SSL_OP_NO_TICKET);
        }
        return handler;
    }

    private static SslContextBuilder common(SslContextBuilder builder) {
        builder.protocols("TLSv1.3")
                .sslProvider(BORING ? SslProvider.OPENSSL : SslProvider.JDK)
                .keyStoreType(KEYS_IN_MEMORY);
        if (BORING) {
            builder.option(OpenSslContextOption.GROUPS, GROUPS);
            builder.option(OpenSslContextOption.MAX_CERTIFICATE_LIST_BYTES, MAX_CERTIFICATE_BYTES);
        }
        return builder;
    }

    private static SslContext sessionless(SslContext context) {
        if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
            sessions.setSessionCacheEnabled(false);
        }
        return context;
    }
}

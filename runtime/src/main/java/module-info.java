/** What any process needs to be a process: edge, client, configuration, logs. */
@org.jspecify.annotations.NullMarked
module atlas.runtime {
    requires transitive atlas.core;
    requires org.slf4j;
    requires ch.qos.logback.classic;
    requires ch.qos.logback.core;
    requires org.snakeyaml.engine.v2;
    requires io.netty.buffer;
    requires io.netty.codec;
    requires io.netty.codec.http;
    requires io.netty.codec.http2;
    requires io.netty.common;
    requires io.netty.handler;
    requires io.netty.tcnative.classes.openssl;
    requires io.netty.transport;
    requires io.netty.transport.classes.epoll;
    requires io.netty.transport.unix.common;

    exports atlas.runtime;
    exports atlas.runtime.http;
    exports atlas.runtime.svid;
}

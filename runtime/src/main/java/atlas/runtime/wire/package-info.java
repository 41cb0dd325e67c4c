/**
 * HTTP/1.1 and HTTP/2 on the event loop: parsing, framing, limits, time-outs. Doors, for {@link
 * atlas.runtime.http} only: {@link atlas.runtime.wire.ServerPipeline}, {@link
 * atlas.runtime.wire.Call}, {@link atlas.runtime.wire.Http1Client}. Never here: blocking, regular
 * expressions, a guess about what a malformed message meant. RFC 9110, 9112, 9113.
 */
package atlas.runtime.wire;

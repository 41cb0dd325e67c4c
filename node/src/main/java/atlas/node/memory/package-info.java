/**
 * What the operating system can do for plaintext in memory: keep it out of swap and out of dumps,
 * and hand it to a child process without a file. Linux only; elsewhere it says what it could not
 * do. The only place in the node that calls foreign functions.
 */
package atlas.node.memory;

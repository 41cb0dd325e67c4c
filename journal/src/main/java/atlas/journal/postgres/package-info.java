/**
 * PostgreSQL as what orders and keeps the entries of several journals: sessions, the sequencer, the
 * office of the integrator.
 *
 * <p>Never here: an acknowledgement before the commit is durable, a batch given up whose fate is
 * not known, a connection that is not TLS to a verified host. A database that has lost what it
 * acknowledged is a fault that ends recording.
 */
package atlas.journal.postgres;

/** Where a journal lies that several machines record into: its database and its store. */
package atlas.journal.shared;

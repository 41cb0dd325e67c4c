/** A shelf that is a bucket of an S3-compatible object store, and how its requests are signed. */
package atlas.journal.s3;

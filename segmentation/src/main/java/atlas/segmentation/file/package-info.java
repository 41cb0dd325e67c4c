/**
 * The policy file: YAML in the documented shape becomes an access graph, or a list of problems.
 *
 * <p>Every problem is found, each with line, column and a hint. A file with a problem has no graph.
 *
 * <p>Never here: I/O, a rule that is skipped because it is not understood.
 */
package atlas.segmentation.file;

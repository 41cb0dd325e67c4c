/**
 * Admission of files by an allow-list of formats, decided on content by strict, bounded parsers.
 * Nothing here executes, unpickles or unpacks what it looks at; what is not known is refused.
 */
package atlas.registry.scan;

/** What any process needs to be a process: edge, client, configuration, logs. */
package atlas.runtime;

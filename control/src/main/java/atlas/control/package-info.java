/** Administration: trust root, credentials, models, evidence. */
package atlas.control;

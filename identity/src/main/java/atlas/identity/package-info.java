/** Who is calling, and is the machine what it claims. */
package atlas.identity;

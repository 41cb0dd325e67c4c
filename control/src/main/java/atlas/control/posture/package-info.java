/**
 * Measures this installation: each check acts as somebody would and looks at what comes of it, over
 * real connections to the doors that serve. What a check has made it takes away again.
 */
@org.jspecify.annotations.NullMarked
package atlas.control.posture;

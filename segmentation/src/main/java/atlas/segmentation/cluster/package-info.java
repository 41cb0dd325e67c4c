/**
 * Clusters: NetworkPolicy of Kubernetes, CiliumNetworkPolicy, and the policies of Istio.
 *
 * <p>For each a compiler, and an evaluator that reads manifests and works out what they mean by the
 * documented semantics of their kind. What an evaluator does not understand it refuses.
 */
package atlas.segmentation.cluster;

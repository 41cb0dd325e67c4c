/**
 * Where a process gets the identity it shows to other workloads, and whom it believes. Door: {@link
 * atlas.runtime.svid.SvidSource}, with what is behind it: files ({@link
 * atlas.runtime.svid.FileSvids}) and the SPIFFE Workload API ({@link
 * atlas.runtime.svid.WorkloadApi}). Never here: an identity whose key does not fit its certificate,
 * a chain believed by the bundle of another trust domain, a restart for a rotation. SPIFFE
 * X.509-SVID, SPIFFE Workload API, SPIFFE Trust Domain and Bundle.
 */
package atlas.runtime.svid;

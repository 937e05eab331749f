// Package cluster tests gateways in front of a Cassandra of three nodes, of
// which some are killed. It takes minutes and 4 GB, so `make test-cluster` runs
// it, with the build tag cluster, and `make test` does not.
package cluster

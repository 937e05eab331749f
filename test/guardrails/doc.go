// Package guardrails plays the cases of internal/guardrail/testdata over the
// native protocol: on the binary, and on a real Cassandra with the same limits,
// which they are recorded from:
//
//	go test ./guardrails -run Cassandra -rewrite
//
// writes down what it answers. What the cases mark as ours is left as it is.
package guardrails

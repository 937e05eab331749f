// Command differential runs random CQL programs on our server and on a real
// Apache Cassandra and compares every answer: columns and their types, rows byte
// by byte, where pages end, codes and texts of errors, warnings.
//
//	seed --generate.Program--> cases --both--> difference --reduce--> corpus/*.cql
//
// A difference is reduced to the few statements and clauses that it needs and
// written, with Cassandra's answers, as a file of conformance cases. Files that
// were kept in the corpus directory are replayed by the tests: on the engine in
// process (internal/engine) and on the binary (this package).
//
//	make differential TIME=10m SEED=1
package main

// Package linearize lets clients hammer a few rows at once and checks that their
// answers are those of operations done one at a time, in an order that agrees
// with real time (linearizability; the checker is porcupine). It is used by
// tests only.
//
//	sessions --Play--> history of operations --Check--> linearizable or not
//
// Rows are registers. Some are written by lightweight transactions and read, the
// others by plain statements: Cassandra promises nothing for a row that is
// written by both.
package linearize

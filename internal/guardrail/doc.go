// Package guardrail is the limits that keep a database in good health, as data,
// and the checks of them. A limit has a threshold that warns and one that fails;
// which there are, how they are named and what is said is
// org.apache.cassandra.db.guardrails of Cassandra 5.0, and for Astra's preset
// the guardrails of DataStax's Cassandra under it.
//
//	door --> Backend (statement, bind values, consistency) --> back end
//	                                                            └─ Guard (what only it can count: batches)
//
// Every door is behind the same Backend, so all have the same limits. A
// statement that has nothing to be checked costs one comparison.
package guardrail

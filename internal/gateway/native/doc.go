// Package native is the door for CQL drivers: the native protocol over TCP.
//
//	socket -> wire.Stream -> conn.handle -> request (decode, parse, authorize,
//	backend.Execute) -> wire.Output -> socket
//
// Each connection has one goroutine that reads. What surely takes little time
// – OPTIONS, REGISTER, prepared reads of one row – it answers itself; every
// other request goes to a worker, so that requests of a connection run side by
// side and answers leave in any order. There is no goroutine that only writes:
// answers are collected in the connection's Output, and whoever finds nobody
// writing writes until nothing is left, so that answers that become ready
// together leave together.
//
// The answers, error texts included, are those of Apache Cassandra 5.0;
// testdata/protocol holds them as recorded, testdata/deviations says where and
// why this server answers otherwise.
package native

// Package tlsconfig makes the TLS configurations of the doors: from files that
// are read again when they change, or from an authority of the server's own.
//
//	certificate and key files ──> Server ──> *tls.Config of a door
//	authorities of clients ─────> Clients ─> the same, asking for a certificate
//	data directory ─────────────> SelfSigned ──> files for Server
//
// Who connects from the same machine trusts the very certificate in the file
// (Pinned), whatever names it has.
package tlsconfig

import "crypto/tls"

// minVersion is what Cassandra 5.0 accepts at least.
const minVersion = tls.VersionTLS12

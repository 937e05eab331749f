package main

import (
	"fmt"
	"time"
)

// announce prints where to connect, and at the first start the administrator's
// token: the only time it is shown.
func (n *node) announce(s *streams) {
	n.log.Info("serving", "http", n.endpoints.HTTP, "cql", n.endpoints.CQL, "grpc", n.endpoints.GRPC, "data", n.data, "took", time.Since(n.started).Round(time.Millisecond).String())
	fmt.Fprintf(s.out, "CQL console  %s://%s/console/\n", n.tls.scheme(), n.endpoints.HTTP)
	fmt.Fprintf(s.out, "REST API     %s://%s/v2/\n", n.tls.scheme(), n.endpoints.HTTP)
	fmt.Fprintf(s.out, "CQL          %s   (user \"token\", password: an application token)\n", n.endpoints.CQL)
	fmt.Fprintf(s.out, "gRPC API     %s\n", n.endpoints.GRPC)
	if n.tls != nil && n.tls.authority != "" {
		fmt.Fprintf(s.out, "TLS          clients must trust %s\n             (curl --cacert, cqlsh: certfile of [ssl]; browsers: import it as an authority)\n", n.tls.authority)
	}
	switch {
	case n.first != nil:
		fmt.Fprintf(s.out, "Database     %s (%s) in region %s\n", n.first.Database.Name, n.first.Database.ID, n.first.Database.Region)
		fmt.Fprintf(s.out, "Administrator token, shown this once (kept in %s):\n  %s\n", tokenPath(n.data), n.first.Administrator.Token)
	case n.tokenPlace != "":
		fmt.Fprintf(s.out, "Administrator token: made by the first gateway of this cluster, kept in %s\n", n.tokenPlace)
	default:
		fmt.Fprintf(s.out, "Administrator token: in %s\n", tokenPath(n.data))
	}
}

package system

import "github.com/astrolabe-db/astrolabe/internal/schema"

// cidrCounts are the rows of system_views.cidr_filtering_metrics_counts as a
// Cassandra has them whose authorizer of networks is off: here roles are not
// bound to networks, so there is nothing that would be loaded.
func cidrCounts() []map[string][]byte {
	return []map[string][]byte{{"name": schema.Text("CIDR groups cache reload count"), "value": schema.Bigint(0)}}
}

// cidrLatencies are those of system_views.cidr_filtering_metrics_latencies.
func cidrLatencies() (rows []map[string][]byte) {
	for _, name := range []string{"CIDR checks latency (ns)", "CIDR groups cache reload latency (ns)", "Lookup IP in CIDR groups cache latency (ns)"} {
		row := map[string][]byte{"name": schema.Text(name)}
		for _, column := range []string{"max", "p50th", "p95th", "p99th", "p999th"} {
			row[column] = schema.Double(0)
		}
		rows = append(rows, row)
	}
	return rows
}

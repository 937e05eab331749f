package cassandra

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// TestDriverLogTellsOnce: what is said of one node again and again is logged
// once a while, for each node.
func TestDriverLogTellsOnce(t *testing.T) {
	var out bytes.Buffer
	d := newDriverLog(slog.New(slog.NewTextHandler(&out, nil)))
	for range 5 {
		d.Warning("Node is DOWN.", gocql.NewLogFieldString("host", "10.0.0.1"))
		d.Warning("Node is DOWN.", gocql.NewLogFieldString("host", "10.0.0.2"))
	}
	if n := strings.Count(out.String(), "Node is DOWN"); n != 2 {
		t.Errorf("%d lines:\n%s", n, out.String())
	}
	now := time.Now()
	if d.told.lately("x", now) || !d.told.lately("x", now.Add(time.Second)) || d.told.lately("x", now.Add(quietTime)) {
		t.Error("not once each minute")
	}
}

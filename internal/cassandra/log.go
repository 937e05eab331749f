package cassandra

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// driverLog hands gocql's log on. What it calls information is detail here, and
// what it says of a node at each attempt to reach it is told once a while.
type driverLog struct {
	log  *slog.Logger
	told *told
}

func newDriverLog(log *slog.Logger) driverLog {
	return driverLog{log: log, told: &told{last: map[string]time.Time{}}}
}

// Error implements gocql.StructuredLogger.
func (d driverLog) Error(msg string, fields ...gocql.LogField) { d.write(slog.LevelWarn, msg, fields) }

// Warning implements gocql.StructuredLogger.
func (d driverLog) Warning(msg string, fields ...gocql.LogField) {
	d.write(slog.LevelInfo, msg, fields)
}

// Info implements gocql.StructuredLogger.
func (d driverLog) Info(msg string, fields ...gocql.LogField) { d.write(slog.LevelDebug, msg, fields) }

// Debug implements gocql.StructuredLogger.
func (d driverLog) Debug(msg string, fields ...gocql.LogField) { d.write(slog.LevelDebug, msg, fields) }

func (d driverLog) write(level slog.Level, msg string, fields []gocql.LogField) {
	if !d.log.Enabled(context.Background(), level) {
		return
	}
	attrs := make([]slog.Attr, len(fields))
	var text strings.Builder
	text.WriteString(msg)
	for i, f := range fields {
		attrs[i] = slog.String(f.Name, f.Value.String())
		text.WriteString("\x00" + attrs[i].Value.String())
	}
	if level > slog.LevelDebug && d.told.lately(text.String(), time.Now()) {
		return
	}
	d.log.LogAttrs(context.Background(), level, "cluster connections: "+msg, attrs...)
}

// told remembers what was logged, so that the same is not told again within
// quietTime.
type told struct {
	mu   sync.Mutex
	last map[string]time.Time
}

const (
	quietTime = time.Minute
	// maxTold bounds what is remembered.
	maxTold = 1000
)

// lately reports whether text was told within quietTime before now; if not, it
// is told now.
func (t *told) lately(text string, now time.Time) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if last, ok := t.last[text]; ok && now.Sub(last) < quietTime {
		return true
	}
	if len(t.last) >= maxTold {
		clear(t.last)
	}
	t.last[text] = now
	return false
}

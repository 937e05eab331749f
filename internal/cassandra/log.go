package cassandra

import (
	"context"
	"log/slog"

	gocql "github.com/apache/cassandra-gocql-driver/v2"
)

// driverLog hands gocql's log on. What it calls information is detail here.
type driverLog struct{ log *slog.Logger }

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
	for i, f := range fields {
		attrs[i] = slog.String(f.Name, f.Value.String())
	}
	d.log.LogAttrs(context.Background(), level, "cluster connections: "+msg, attrs...)
}

package grpc

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/peer"
	pb "google.golang.org/protobuf/proto"

	"github.com/astrolabe-db/astrolabe/internal/backend"
	"github.com/astrolabe-db/astrolabe/internal/cql"
	"github.com/astrolabe-db/astrolabe/internal/cqlerr"
	"github.com/astrolabe-db/astrolabe/internal/gateway/grpc/proto"
)

// beginTrace begins the message's trace if it asks for one and the back end
// leaves that to its doors; one that does not traces by itself
// (backend.Query.Tracing).
func (c *call) beginTrace(what, text string) {
	if !c.request.tracing || c.door.traces == nil {
		return
	}
	trace, err := backend.NewTrace(what, clientAddress(c.ctx))
	if err != nil { // no clock: the request is served without
		c.door.log.Error("gRPC: no trace", "error", err)
		return
	}
	if text != "" {
		trace.Parameters["query"] = cut(backend.CutTraceText(backend.HidePassword(text)))
	}
	trace.Parameters["consistency_level"] = c.request.consistency.String()
	trace.Parameters["serial_consistency_level"] = c.request.serialConsistency.String()
	c.trace = trace
}

// clientAddress is the client's, invalid when it is not an IP address.
func clientAddress(ctx context.Context) netip.Addr {
	if from, ok := peer.FromContext(ctx); ok {
		if a, ok := from.Addr.(*net.TCPAddr); ok {
			return a.AddrPort().Addr()
		}
	}
	return netip.Addr{}
}

// appendTraces appends the Traces of what has been executed.
func (c *call) appendTraces(r *backend.Result) error {
	id := r.TracingID
	if c.trace != nil && id == nil {
		c.trace.Duration = time.Since(c.trace.Started)
		c.door.traces.KeepTrace(c.trace)
		id = &c.trace.ID
	}
	if id == nil {
		return nil
	}
	traces, err := c.readTraces(*id)
	if err != nil {
		return err
	}
	var at int
	c.out, at = begin(c.out, 3)
	if c.out, err = (pb.MarshalOptions{}).MarshalAppend(c.out, traces); err != nil {
		return err
	}
	c.out = end(c.out, at)
	return nil
}

// The statements that read a trace.
const (
	sessionText = `SELECT duration, started_at FROM system_traces.sessions WHERE session_id = ?`
	eventsText  = `SELECT activity, source, source_elapsed, thread, event_id FROM system_traces.events WHERE session_id = ?`
)

// readTraces reads a trace when it is complete; nodes write theirs with delay.
func (c *call) readTraces(id uuid.UUID) (*proto.Traces, error) {
	traces := &proto.Traces{Id: id.String()}
	for attempt := range traceAttempts {
		if attempt > 0 {
			select {
			case <-time.After(traceWait << min(attempt, 5)):
			case <-c.ctx.Done():
				return nil, c.ctx.Err()
			}
		}
		session, err := c.readTrace(sessionText, id)
		if err != nil {
			return nil, err
		}
		if session.RowCount == 0 {
			continue
		}
		cells := session.Cursor()
		duration, started := cells.Next(), cells.Next()
		if len(duration) != 4 || len(started) != 8 {
			continue
		}
		traces.Duration = int64(binary.BigEndian.Uint32(duration))
		traces.StartedAt = int64(binary.BigEndian.Uint64(started))
		break
	}
	events, err := c.readTrace(eventsText, id)
	if err != nil {
		return nil, err
	}
	cells := events.Cursor()
	for range events.RowCount {
		e := &proto.Traces_Event{Activity: string(cells.Next())}
		if source, ok := netip.AddrFromSlice(cells.Next()); ok {
			e.Source = source.String()
		}
		if elapsed := cells.Next(); len(elapsed) == 4 {
			e.SourceElapsed = int64(int32(binary.BigEndian.Uint32(elapsed)))
		}
		e.Thread = string(cells.Next())
		if id, err := uuid.FromBytes(cells.Next()); err == nil {
			e.EventId = id.String()
		}
		traces.Events = append(traces.Events, e)
	}
	return traces, nil
}

// readTrace runs one of the statements above for the client, who must be
// allowed to.
func (c *call) readTrace(text string, id uuid.UUID) (*backend.Result, error) {
	parsed, err := cql.Parse(text)
	if err != nil {
		return nil, err
	}
	if err := c.who.Authorize(parsed.Statement, ""); err != nil {
		return nil, err
	}
	p, err := c.door.backend.Prepare(c.ctx, parsed.Statement, parsed.Markers, "")
	if err != nil {
		return nil, err
	}
	r, err := c.door.backend.Execute(c.ctx, p, &backend.Query{
		Values: []backend.Value{{Bytes: id[:]}}, Consistency: c.request.traceConsistency, SerialConsistency: backend.Serial,
		Caller: backend.Caller{Name: c.who.Caller().Name}, // the trace is of its own request: its rows are no others
	})
	if err == nil && r.Kind != backend.Rows {
		err = cqlerr.Newf(cqlerr.ServerError, "A trace was read as a result of kind %d", r.Kind)
	}
	return r, err
}

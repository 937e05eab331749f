package backend

import (
	"fmt"
	"net/netip"
	"regexp"
	"sync"
	"time"

	"github.com/google/uuid"
)

// MaxTraceEvents bounds the events of one trace; MaxTraceText the bytes of the
// text of one. What is more is left out.
const (
	MaxTraceEvents = 200
	MaxTraceText   = 2 << 10
)

// Traces is a capability: a back end has it that keeps traces, for
// system_traces.sessions and events.
type Traces interface {
	// KeepTrace keeps a finished trace. It does not fail: traces are kept as long
	// as there is room.
	KeepTrace(t *Trace)
}

// Trace collects what happens to one request that asked for it
// (org.apache.cassandra.tracing.TraceState). A nil *Trace collects nothing, but
// who has to work for an event asks first whether there is one.
type Trace struct {
	// ID is a version 1 UUID of when it began.
	ID      uuid.UUID
	Started time.Time
	// Request says what was asked for, e.g. "Execute CQL3 query".
	Request    string
	Client     netip.Addr
	Parameters map[string]string
	// Duration is set when the request has been served.
	Duration time.Duration

	mu     sync.Mutex
	events []TraceEvent
}

// TraceEvent is one step of a Trace.
type TraceEvent struct {
	// Elapsed since the trace began.
	Elapsed  time.Duration
	Activity string
	// Thread names the part of the server that did it.
	Thread string
}

// The parts of the server that events come from.
const (
	TraceDoor  = "Native-Transport-Requests"
	TraceRead  = "ReadStage"
	TraceWrite = "MutationStage"
)

// NewTrace begins a trace.
func NewTrace(request string, client netip.Addr) (*Trace, error) {
	id, err := uuid.NewUUID()
	if err != nil {
		return nil, err
	}
	return &Trace{ID: id, Started: time.Now(), Request: request, Client: client, Parameters: map[string]string{}}, nil
}

// Event adds a step that happened just now.
func (t *Trace) Event(thread, format string, args ...any) {
	if t == nil {
		return
	}
	elapsed := time.Since(t.Started)
	text := CutTraceText(fmt.Sprintf(format, args...))
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.events) < MaxTraceEvents {
		t.events = append(t.events, TraceEvent{Elapsed: elapsed, Activity: text, Thread: thread})
	}
}

// Events returns the steps so far, in order.
func (t *Trace) Events() []TraceEvent {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]TraceEvent(nil), t.events...)
}

// ofRole matches statements that may hold a password, up to where it is. There may
// be comments anywhere; that it takes some others, too, does no harm.
var ofRole = regexp.MustCompile(`(?is)\b(?:CREATE|ALTER)\b.*?\b(?:ROLE|USER)\b.*?\bPASSWORD\b`)

// HidePassword returns the text of a statement without the password that it gives
// to a role, and what follows it, as org.apache.cassandra.cql3.PasswordObfuscator:
// everybody who logs in may read traces.
func HidePassword(text string) string {
	if at := ofRole.FindStringIndex(text); at != nil {
		return text[:at[1]] + " *******"
	}
	return text
}

// CutTraceText shortens a text to MaxTraceText.
func CutTraceText(s string) string {
	if len(s) <= MaxTraceText {
		return s
	}
	return s[:MaxTraceText-3] + "..."
}
